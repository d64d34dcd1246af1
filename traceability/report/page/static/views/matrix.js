// Every requirement with its scenarios and its code, sorted and filtered by the address alone.

const MATRIX_COLUMNS = [
  {
    key: "verdict",
    label: "Verdict",
    name: "c-verdict",
    cell: (each) => verdictLabel(each.verdict),
  },
  {
    key: "id",
    label: "Id",
    name: "c-id",
    cell: (each) => h("a", { class: "id", href: hrefTo("requirement", each.id) }, each.id),
  },
  {
    label: "Requirement",
    name: "c-text",
    cell: (each) => h("span", { class: "clamp" }, codeMarkup(each.text)),
  },
  {
    key: "scenarios",
    label: "Scenarios",
    name: "c-scenarios",
    cell: scenariosCell,
  },
  { key: "code", label: "Code", name: "c-code", cell: codeCell },
];

/** The results, and a link to the first scenario that did not pass, or else to the first one. */
function scenariosCell({ scenarios: list }) {
  if (list.length === 0) return h("span", { class: "quiet" }, "no scenario");
  const first = list.find((each) => each.result !== "passed") ?? list[0];
  return [
    h("span", { class: "outcome" }, resultSummary(list), resultBar(list)),
    h("a", { class: "one", href: hrefTo("scenario", first.id), title: first.name }, first.name),
  ];
}

function codeCell({ code }) {
  if (code.length === 0) return h("span", { class: "quiet" }, "no code");
  const [best] = code;
  const place = `${best.path}:${best.first}`;
  const more = code.length > 1 ? `, ${number(code.length - 1)} more` : "";
  return [
    h(
      "a",
      {
        class: "one symbol",
        href: hrefTo("source", best.path, { line: best.first }),
        title: place,
      },
      best.symbol,
    ),
    h("span", { class: "quiet" }, `${STRENGTHS[strengthOf(best)][0]}${more}`),
  ];
}

function matrixView() {
  const count = h("p", { class: "count", role: "status" });
  const chips = h("div", { class: "chips" });
  const change = (changes, replace = false) => {
    const parameters = { ...Object.fromEntries(currentAddress().parameters), ...changes };
    navigate(hrefTo("matrix", "", parameters), replace);
  };
  const { form, showParameters } = filterForm(change);
  const table = new Table({
    kind: "matrix-rows",
    label: "Requirements",
    columns: MATRIX_COLUMNS,
    onSort: (sort) => change({ sort }),
  });
  const update = (parameters) => {
    const keys = Object.keys(FILTERS).filter((key) => parameters.get(key));
    showParameters(parameters);
    const q = parameters.get("q") ?? "";
    const sort = parameters.get("sort") ?? "";
    const rows = sortedRequirements(filteredRequirements(keys, parameters, q), sort);
    count.textContent =
      rows.length === requirements.length
        ? `All ${plural(rows.length, "requirement")}`
        : `${number(rows.length)} of ${plural(requirements.length, "requirement")}`;
    chips.replaceChildren(
      ...keys.map((key) => filterChip(key, parameters.get(key), change)),
      ...(q ? [filterChip("q", q, change)] : []),
    );
    if (keys.length + (q ? 1 : 0) > 1)
      chips.append(h("a", { class: "clear", href: hrefTo("matrix", "", { sort }) }, "Clear all"));
    table.setRows(rows, sort || "id");
  };
  const node = h(
    "article",
    null,
    h("h1", { tabindex: "-1" }, "Matrix"),
    collapsedWhenNarrow(form),
    h("div", { class: "state" }, count, chips),
    table.element,
  );
  return { title: "Matrix", node, update };
}

/** The form of the filters, and a function that shows in it what the address filters by. */
function filterForm(change) {
  const selects = Object.entries(FILTERS).map(([key, { label, options }]) =>
    h(
      "label",
      null,
      h("span", null, label),
      h(
        "select",
        {
          name: key,
          "aria-label": label,
          onchange: (event) => change({ [key]: event.target.value }),
        },
        h("option", { value: "" }, "any"),
        options().map(([value, words]) => h("option", { value }, words)),
      ),
    ),
  );
  const wordsField = h("input", {
    type: "search",
    name: "q",
    autocomplete: "off",
    oninput: (event) => change({ q: event.target.value }, true),
  });
  const form = h(
    "form",
    {
      class: "filters",
      role: "search",
      "aria-label": "Filter",
      onsubmit: (event) => event.preventDefault(),
    },
    selects,
    h("label", null, h("span", null, "Words"), wordsField),
  );
  const showParameters = (parameters) => {
    for (const { lastChild } of selects) lastChild.value = parameters.get(lastChild.name) ?? "";
    const q = parameters.get("q") ?? "";
    if (wordsField.value !== q) wordsField.value = q;
  };
  return { form, showParameters };
}

/** On a narrow screen the open form would push the table out of view, so it is folded. */
function collapsedWhenNarrow(form) {
  const details = h("details", { class: "folded" }, h("summary", null, "Filter"), form);
  const narrow = window.matchMedia("(max-width: 40rem)");
  const update = () => {
    details.open = !narrow.matches;
  };
  narrow.addEventListener("change", update);
  update();
  return details;
}
