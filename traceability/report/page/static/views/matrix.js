// Every requirement with its scenarios and its code, sorted and filtered by the address alone.

const MATRIX_COLUMNS = [
  {
    key: "verdict",
    label: "Verdict",
    name: "c-verdict",
    cell: (each) => verdictWord(each.verdict),
  },
  {
    key: "id",
    label: "Id",
    name: "c-id",
    cell: (each) => h("a", { class: "id", href: to("requirement", each.id) }, each.id),
  },
  {
    label: "Requirement",
    name: "c-text",
    cell: (each) => h("span", { class: "clamp" }, withCode(each.text)),
  },
  {
    key: "scenarios",
    label: "Scenarios",
    name: "c-scenarios",
    cell: scenariosCell,
  },
  { key: "code", label: "Code", name: "c-code", cell: codeCell },
];

/** What became of them, and the one to look at first: the one that did not pass, if there is one. */
function scenariosCell({ scenarios: list }) {
  if (list.length === 0) return h("span", { class: "quiet" }, "no scenario");
  const first = list.find((each) => each.result !== "passed") ?? list[0];
  return [
    h("span", { class: "outcome" }, outcome(list), resultBar(list)),
    h("a", { class: "one", href: to("scenario", first.id), title: first.name }, first.name),
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
      { class: "one symbol", href: to("source", best.path, { line: best.first }), title: place },
      best.symbol,
    ),
    h("span", { class: "quiet" }, `${STRENGTH[strengthKind(best)][0]}${more}`),
  ];
}

function matrixView() {
  const count = h("p", { class: "count", role: "status" });
  const chips = h("div", { class: "chips" });
  const change = (changes, replace = false) => {
    const parameters = { ...Object.fromEntries(current().parameters), ...changes };
    go(to("matrix", "", parameters), replace);
  };
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
  const words = h("input", {
    type: "search",
    name: "q",
    autocomplete: "off",
    oninput: (event) => change({ q: event.target.value }, true),
  });
  const table = new Table({
    kind: "matrix-rows",
    label: "Requirements",
    columns: MATRIX_COLUMNS,
    onSort: (sort) => change({ sort }),
  });
  const update = (parameters) => {
    const chosen = Object.keys(FILTERS).filter((key) => parameters.get(key));
    for (const { firstChild, lastChild } of selects)
      lastChild.value = parameters.get(lastChild.name) ?? "";
    const q = parameters.get("q") ?? "";
    if (words.value !== q) words.value = q;
    const sort = parameters.get("sort") ?? "";
    const rows = sorted(chosenRows(chosen, parameters, q), sort);
    count.textContent =
      rows.length === requirements.length
        ? `All ${plural(rows.length, "requirement")}`
        : `${number(rows.length)} of ${plural(requirements.length, "requirement")}`;
    chips.replaceChildren(
      ...chosen.map((key) => chip(key, parameters.get(key), change)),
      ...(q ? [chip("q", q, change)] : []),
    );
    if (chosen.length + (q ? 1 : 0) > 1)
      chips.append(h("a", { class: "clear", href: to("matrix", "", { sort }) }, "Clear all"));
    table.set(rows, sort || "id");
  };
  const form = h(
    "form",
    {
      class: "filters",
      role: "search",
      "aria-label": "Filter",
      onsubmit: (event) => event.preventDefault(),
    },
    selects,
    h("label", null, h("span", null, "Words"), words),
  );
  const node = h(
    "article",
    null,
    h("h1", { tabindex: "-1" }, "Matrix"),
    foldedWhenNarrow(form),
    h("div", { class: "state" }, count, chips),
    table.element,
  );
  return { title: "Matrix", node, update };
}

/** On a narrow screen the filters would hide what they filter: there they are folded away. */
function foldedWhenNarrow(form) {
  const box = h("details", { class: "folded" }, h("summary", null, "Filter"), form);
  const narrow = window.matchMedia("(max-width: 40rem)");
  const fold = () => {
    box.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
  return box;
}
