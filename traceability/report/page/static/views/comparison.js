// Requirement × implementation. The address says what is shown: `#/?differ=1&kind=FR`.

const DATA = JSON.parse(document.getElementById("data").textContent);
const MANY = 300;

const main = document.getElementById("main");
const given = () => new URLSearchParams(location.hash.split("?")[1] ?? "");

function conclusion(run) {
  const verdict = run.conformant ? "verified" : "failed";
  const words = run.conformant ? "conformant" : "not conformant";
  return h("span", { class: `verdict ${verdict}` }, mark(verdict), words);
}

function totals() {
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
        h("p", null, conclusion(run)),
        bar(parts, DATA.rows.length, words),
        h(
          "ul",
          { class: "counts" },
          counts
            .filter(([verdict, count]) => count || verdict === "verified")
            .map(([verdict, count]) =>
              h("li", { class: slug(verdict) }, mark(verdict), `${number(count)} ${verdict}`),
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

function environments() {
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

/** What one implementation did with a requirement: the verdict, and the first thing that shows it. */
function cell([verdict, reason, scenario, where, exchange], at) {
  return h(
    "td",
    { role: "cell", class: slug(verdict) },
    h("span", { class: "run-name", "aria-hidden": "true" }, DATA.runs[at].name),
    verdictWord(verdict),
    h("p", { class: verdict === "verified" ? "quiet" : "" }, reason),
    scenario ? h("p", { class: "quiet", title: where }, "in “", scenario, "”") : null,
    exchange ? h("p", { class: "path" }, breakable(exchange)) : null,
  );
}

function row(item) {
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
    item.cells.map(cell),
  );
}

function field(label, control) {
  return h("label", null, h("span", null, label), control);
}

function choice(name, label, options) {
  const select = h(
    "select",
    { name, onchange: () => set({ [name]: select.value }) },
    h("option", { value: "" }, "all"),
    options.map(([value, words]) => h("option", { value }, words)),
  );
  return field(label, select);
}

function set(changes) {
  const parameters = given();
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
  const query = parameters.toString();
  history.replaceState(null, "", query ? `#/?${query}` : "#/");
  show();
}

const kinds = [...new Set(DATA.rows.map((item) => item.kind))];
const differ = h("input", {
  type: "checkbox",
  name: "differ",
  onchange: () => set({ differ: differ.checked ? "1" : "" }),
});
const sought = h("input", {
  type: "search",
  name: "q",
  autocomplete: "off",
  spellcheck: "false",
  oninput: () => set({ q: sought.value }),
});
const filters = h(
  "form",
  { class: "filters", onsubmit: (event) => event.preventDefault() },
  h("label", { class: "check" }, differ, " Only where they differ"),
  choice(
    "kind",
    "Kind",
    kinds.map((kind) => [kind, DATA.kinds[kind] ? `${kind}: ${DATA.kinds[kind]}` : kind]),
  ),
  choice(
    "verdict",
    "Verdict of any",
    DATA.verdicts.map((verdict) => [verdict, verdict]),
  ),
  field("Words", sought),
);
const count = h("p", { class: "count", role: "status" });
const everything = h(
  "button",
  { type: "button", onclick: () => set({ differ: "", kind: "", verdict: "", q: "" }) },
  "Show all",
);
const body = h("tbody", { role: "rowgroup" });
const rest = h("div", { class: "rest" });

function wanted() {
  const asked = given();
  const [kind, verdict] = [asked.get("kind"), asked.get("verdict")];
  const words = (asked.get("q") ?? "").toLowerCase();
  return DATA.rows.filter(
    (item) =>
      (!asked.get("differ") || item.differs) &&
      (!kind || item.kind === kind) &&
      (!verdict || item.cells.some(([its]) => its === verdict)) &&
      (!words || searchable(item).includes(words)),
  );
}

const searchable = (item) =>
  (item.searchable ??= [item.id, item.text, ...item.cells.flat()].join("\n").toLowerCase());

function show() {
  const asked = given();
  for (const control of filters.querySelectorAll("select, input[type=search]"))
    if (control !== document.activeElement || control.value !== (asked.get(control.name) ?? ""))
      control.value = asked.get(control.name) ?? "";
  differ.checked = asked.get("differ") === "1";
  const items = wanted();
  const all = items.length === DATA.rows.length;
  count.textContent = `${number(items.length)} of ${plural(DATA.rows.length, "requirement")}`;
  everything.hidden = all;
  body.replaceChildren(...items.slice(0, MANY).map(row));
  rest.replaceChildren(...more(items, MANY));
}

/** A button for the rows after `from`: a page of thousands is slow to lay out. */
function more(items, from) {
  const left = items.length - from;
  if (left <= 0) return [];
  const words = `Show ${number(Math.min(left, MANY))} more of ${number(left)}`;
  const next = () => {
    body.append(...items.slice(from, from + MANY).map(row));
    rest.replaceChildren(...more(items, from + MANY));
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
  body,
);
table.style.setProperty("--runs", DATA.runs.length);
fill(main, [
  h("h1", { tabindex: "-1" }, `${DATA.title}: ${plural(DATA.runs.length, "implementation")}`),
  h("p", { class: "sentence" }, DATA.sentence),
  totals(),
  h("h2", { id: "requirements" }, "Requirement × implementation"),
  filters,
  h("div", { class: "state" }, count, everything),
  // Few columns fit: then the page scrolls, and the names stay in sight.
  DATA.runs.length > 3
    ? h(
        "div",
        { class: "many", tabindex: "0", role: "region", "aria-labelledby": "requirements" },
        table,
      )
    : table,
  rest,
  h("h2", null, "How each was run"),
  environments(),
  h(
    "p",
    { class: "quiet" },
    `All were judged by the same ${DATA.spec} (sha256 ${DATA.digests[0].slice(0, 12)}) and the `,
    `same features (${DATA.digests[1].slice(0, 12)}).`,
  ),
]);
document.getElementById("top").hidden = true;
window.addEventListener("hashchange", show);
show();
