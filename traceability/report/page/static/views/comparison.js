// The comparison page: requirement × implementation. The address filters: `#/?differ=1&kind=FR`.

const DATA = JSON.parse(document.getElementById("data").textContent);
const ROWS_AT_ONCE = 300;

const mainElement = document.getElementById("main");
const addressParameters = () => new URLSearchParams(location.hash.split("?")[1] ?? "");

function conformanceLabel(run) {
  const verdict = run.conformant ? "verified" : "failed";
  const words = run.conformant ? "conformant" : "not conformant";
  return h("span", { class: `verdict ${verdict}` }, verdictIcon(verdict), words);
}

function runTotals() {
  return h(
    "ul",
    { class: "runs" },
    DATA.runs.map((run, at) => {
      const counts = DATA.verdicts.map((verdict) => [verdict, run.counts[verdict] ?? 0]);
      const words = counts
        .filter(([verdict, count]) => count || verdict === "verified")
        .map(([verdict, count]) => `${number(count)} ${verdict}`)
        .join(", ");
      const parts = counts.map(([verdict, count]) => [count, verdict, `${count} ${verdict}`]);
      return h(
        "li",
        null,
        h("h2", { id: `run-${at}` }, run.name),
        h("p", null, conformanceLabel(run)),
        bar(parts, DATA.rows.length, words),
        h(
          "ul",
          { class: "counts" },
          counts
            .filter(([verdict, count]) => count || verdict === "verified")
            .map(([verdict, count]) =>
              h(
                "li",
                { class: slug(verdict) },
                verdictIcon(verdict),
                `${number(count)} ${verdict}`,
              ),
            ),
        ),
        h(
          "p",
          { class: "quiet" },
          `Scenarios: ${run.scenarios}.`,
          run.findings ? ` ${plural(run.findings, "finding")}.` : "",
        ),
      );
    }),
  );
}

function environmentTable() {
  const keys = [...new Set(DATA.runs.flatMap((run) => Object.keys(run.environment)))];
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": "How each was run" },
    h(
      "table",
      { class: "grid" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td", null),
          DATA.runs.map((run) => h("th", { scope: "col" }, run.name)),
        ),
      ),
      h(
        "tbody",
        null,
        keys.map((key) =>
          h(
            "tr",
            null,
            h("th", { scope: "row" }, key),
            DATA.runs.map((run) => h("td", null, run.environment[key] ?? "not said")),
          ),
        ),
      ),
    ),
  );
}

/** The verdict of one implementation on a requirement, and the first evidence that shows it. */
function verdictCell([verdict, reason, scenario, where, exchange], at) {
  return h(
    "td",
    { role: "cell", class: slug(verdict) },
    h("span", { class: "run-name", "aria-hidden": "true" }, DATA.runs[at].name),
    verdictLabel(verdict),
    h("p", { class: verdict === "verified" ? "quiet" : "" }, reason),
    scenario ? h("p", { class: "quiet", title: where }, "in “", scenario, "”") : null,
    exchange ? h("p", { class: "path" }, withBreaks(exchange)) : null,
  );
}

function requirementRow(item) {
  return h(
    "tr",
    { role: "row", class: item.differs ? "differs" : null },
    h(
      "th",
      { role: "rowheader", scope: "row" },
      h("span", { class: "id" }, item.id),
      item.differs ? h("span", { class: "strength" }, "differs") : null,
      h("p", null, item.text),
    ),
    item.cells.map(verdictCell),
  );
}

function labelled(label, control) {
  return h("label", null, h("span", null, label), control);
}

function selectField(name, label, options) {
  const select = h(
    "select",
    { name, onchange: () => setParameters({ [name]: select.value }) },
    h("option", { value: "" }, "all"),
    options.map(([value, words]) => h("option", { value }, words)),
  );
  return labelled(label, select);
}

function setParameters(changes) {
  const parameters = addressParameters();
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
  const query = parameters.toString();
  history.replaceState(null, "", query ? `#/?${query}` : "#/");
  showRows();
}

const kinds = [...new Set(DATA.rows.map((item) => item.kind))];
const differOnly = h("input", {
  type: "checkbox",
  name: "differ",
  onchange: () => setParameters({ differ: differOnly.checked ? "1" : "" }),
});
const wordsField = h("input", {
  type: "search",
  name: "q",
  autocomplete: "off",
  spellcheck: "false",
  oninput: () => setParameters({ q: wordsField.value }),
});
const filterForm = h(
  "form",
  { class: "filters", onsubmit: (event) => event.preventDefault() },
  h("label", { class: "check" }, differOnly, " Only where they differ"),
  selectField(
    "kind",
    "Kind",
    kinds.map((kind) => [kind, DATA.kinds[kind] ? `${kind}: ${DATA.kinds[kind]}` : kind]),
  ),
  selectField(
    "verdict",
    "Verdict of any",
    DATA.verdicts.map((verdict) => [verdict, verdict]),
  ),
  labelled("Words", wordsField),
);
const rowCount = h("p", { class: "count", role: "status" });
const showAllButton = h(
  "button",
  { type: "button", onclick: () => setParameters({ differ: "", kind: "", verdict: "", q: "" }) },
  "Show all",
);
const tableBody = h("tbody", { role: "rowgroup" });
const moreRows = h("div", { class: "rest" });

function filteredRows() {
  const asked = addressParameters();
  const [kind, verdict] = [asked.get("kind"), asked.get("verdict")];
  const words = (asked.get("q") ?? "").toLowerCase();
  return DATA.rows.filter(
    (item) =>
      (!asked.get("differ") || item.differs) &&
      (!kind || item.kind === kind) &&
      (!verdict || item.cells.some(([its]) => its === verdict)) &&
      (!words || searchText(item).includes(words)),
  );
}

const searchText = (item) =>
  (item.searchable ??= [item.id, item.text, ...item.cells.flat()].join("\n").toLowerCase());

function showRows() {
  const asked = addressParameters();
  for (const control of filterForm.querySelectorAll("select, input[type=search]"))
    if (control !== document.activeElement || control.value !== (asked.get(control.name) ?? ""))
      control.value = asked.get(control.name) ?? "";
  differOnly.checked = asked.get("differ") === "1";
  const items = filteredRows();
  const all = items.length === DATA.rows.length;
  rowCount.textContent = `${number(items.length)} of ${plural(DATA.rows.length, "requirement")}`;
  showAllButton.hidden = all;
  tableBody.replaceChildren(...items.slice(0, ROWS_AT_ONCE).map(requirementRow));
  moreRows.replaceChildren(...moreButton(items, ROWS_AT_ONCE));
}

/** A button for the rows after `from`: thousands of rows at once are slow to lay out. */
function moreButton(items, from) {
  const left = items.length - from;
  if (left <= 0) return [];
  const words = `Show ${number(Math.min(left, ROWS_AT_ONCE))} more of ${number(left)}`;
  const next = () => {
    tableBody.append(...items.slice(from, from + ROWS_AT_ONCE).map(requirementRow));
    moreRows.replaceChildren(...moreButton(items, from + ROWS_AT_ONCE));
  };
  return [h("button", { type: "button", onclick: next }, words)];
}

const table = h(
  "table",
  { class: "rows comparison", role: "table", "aria-label": "Requirement × implementation" },
  h(
    "thead",
    { role: "rowgroup" },
    h(
      "tr",
      { role: "row" },
      h("th", { role: "columnheader", scope: "col" }, "Requirement"),
      DATA.runs.map((run) => h("th", { role: "columnheader", scope: "col" }, run.name)),
    ),
  ),
  tableBody,
);
table.style.setProperty("--runs", DATA.runs.length);
appendChildren(mainElement, [
  h("h1", { tabindex: "-1" }, `${DATA.title}: ${plural(DATA.runs.length, "implementation")}`),
  h("p", { class: "sentence" }, DATA.sentence),
  runTotals(),
  h("h2", { id: "requirements" }, "Requirement × implementation"),
  filterForm,
  h("div", { class: "state" }, rowCount, showAllButton),
  // Three columns fit without a scroll box: the page scrolls, and its table header stays visible.
  DATA.runs.length > 3
    ? h(
        "div",
        { class: "many", tabindex: "0", role: "region", "aria-labelledby": "requirements" },
        table,
      )
    : table,
  moreRows,
  h("h2", null, "How each was run"),
  environmentTable(),
  h(
    "p",
    { class: "quiet" },
    `All were judged by the same ${DATA.spec} (sha256 ${DATA.digests[0].slice(0, 12)}) and the `,
    `same features (${DATA.digests[1].slice(0, 12)}).`,
  ),
]);
document.getElementById("top").hidden = true;
window.addEventListener("hashchange", showRows);
showRows();
