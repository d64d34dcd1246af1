// Full text over everything, all words anywhere: first what is named so, then what contains it.

let searchIndex = null;

const headerLines = new Map();
function headerWords(ref) {
  if (!headerLines.has(ref))
    headerLines.set(
      ref,
      pairs(ref).map((pair) => pair.join(": ")),
    );
  return headerLines.get(ref);
}

function index() {
  searchIndex ??= [
    ...requirements.map((each) => ({
      kind: "Requirement",
      title: each.id,
      more: each.text,
      verdict: each.verdict,
      href: to("requirement", each.id),
      words: [each.id, each.text, each.reason, each.excluded],
    })),
    ...scenarios.map((each) => ({
      kind: "Scenario",
      title: each.name,
      more: each.id,
      verdict: each.result,
      href: to("scenario", each.id),
      words: [
        each.name,
        each.rule,
        each.id,
        each.reason,
        ...each.raw[13].flatMap((row) => [text(row[0]), text(row[3] ?? 0)]),
        ...each.raw[14].flatMap((row) => [
          text(row[1]),
          text(row[2]),
          ...headerWords(row[3]),
          text(row[4]),
          String(row[6]),
          ...headerWords(row[7]),
          text(row[8]),
        ]),
        ...each.raw[15].flatMap((row) => [text(row[1]), text(row[6])]),
      ],
    })),
    ...sources.flatMap((source) =>
      source.definitions.map((each) => ({
        kind: "Code",
        title: each.symbol,
        more: `${source.path}:${each.first}`,
        href: to("source", source.path, { line: each.first }),
        words: [each.symbol, source.path],
      })),
    ),
    ...sources.flatMap((source) =>
      source.text
        .split("\n")
        .map((line, at) => ({
          kind: "Line of code",
          title: line.trim(),
          more: `${source.path}:${at + 1}`,
          href: to("source", source.path, { line: at + 1 }),
          words: [line],
        }))
        .filter((each) => each.title),
    ),
    ...specBlocks()
      .filter((block) => !block.requirement)
      .map((block) => ({
        kind: "Spec",
        title: block.words,
        more: block.line ? `${DATA.spec.path}:${block.line}` : "",
        href: to("spec", "", { line: block.line }),
        words: [block.words],
      })),
    ...findings.map((each) => ({
      kind: "Finding",
      title: each.message,
      more: each.kind,
      href: to("findings"),
      words: [each.kind, each.message, each.path],
    })),
  ];
  return searchIndex;
}

function low(entry) {
  entry.low ??= entry.words.join("\n").toLowerCase();
  return entry.low;
}

/** What searching and filtering need: made bit by bit while nobody waits, or when it is needed. */
function* preparations() {
  for (const each of requirements) yield haystack(each);
  for (const entry of index()) yield low(entry);
}

function prepare(work, idle) {
  let left = 200; // steps at once, where the browser does not say how long it can wait
  while (idle ? idle.timeRemaining() > 1 : left-- > 0) if (work.next().done) return;
  wheneverIdle((next) => prepare(work, next));
}

function wheneverIdle(work) {
  if (window.requestIdleCallback) window.requestIdleCallback(work);
  else setTimeout(work, 20);
}

const preparing = preparations();
wheneverIdle((idle) => prepare(preparing, idle));

function found(terms) {
  if (terms.length === 0) return [];
  const hits = [];
  for (const entry of index()) {
    if (terms.every((term) => low(entry).includes(term))) hits.push(entry);
  }
  const named = (entry) => terms.every((term) => entry.title.toLowerCase().includes(term));
  return [...hits.filter(named), ...hits.filter((entry) => !named(entry))];
}

let sought = [];

/** The words with what was looked for marked in them. */
function marked(words) {
  const low = words.toLowerCase();
  // Where lower case has another length (as of İ), positions would be wrong: leave it unmarked.
  if (low.length !== words.length) return words;
  const parts = [];
  let from = 0;
  while (from < words.length) {
    const places = sought.map((term) => [low.indexOf(term, from), term]).filter(([at]) => at >= 0);
    if (places.length === 0) break;
    const [at, term] = places.reduce((a, b) => (b[0] < a[0] ? b : a));
    parts.push(words.slice(from, at), h("mark", null, words.slice(at, at + term.length)));
    from = at + term.length;
  }
  return [...parts, words.slice(from)];
}

/** Where it was found, when that is neither the title nor what stands below it. */
function excerpt({ title, more, words }) {
  const said = `${title}\n${more}`.toLowerCase();
  const hidden = sought.find((term) => !said.includes(term));
  if (!hidden) return "";
  const whole = words.find((each) => each.toLowerCase().includes(hidden)) ?? "";
  const at = whole.toLowerCase().indexOf(hidden);
  const from = Math.max(0, at - 50);
  const until = at + hidden.length + 80;
  const cut = whole.slice(from, until).replace(/\s+/g, " ");
  return [from ? "…" : "", marked(cut), until < whole.length ? "…" : ""];
}

const SEARCH_COLUMNS = [
  { label: "What", name: "c-kind", cell: (each) => each.kind },
  {
    label: "Found",
    name: "c-text",
    cell: (each) => [
      h(
        "a",
        { class: "clamp", href: each.href },
        each.verdict ? mark(each.verdict, each.verdict) : "",
        marked(each.title),
      ),
      h("span", { class: "quiet clamp" }, each.more === each.title ? "" : marked(each.more)),
      h("span", { class: "where clamp" }, excerpt(each)),
    ],
  },
];

function searchView() {
  const count = h("p", { class: "lead", role: "status" });
  const table = new Table({ kind: "search-rows", label: "Found", columns: SEARCH_COLUMNS });
  const node = h("article", null, h("h1", { tabindex: "-1" }, "Search"), count, table.element);
  const update = (parameters) => {
    const query = parameters.get("q") ?? "";
    sought = query.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = found(sought);
    const words = query.trim()
      ? `“${query.trim()}”: ${hits.length ? plural(hits.length, "place") : "nothing found"}`
      : "Type words to find requirements, scenarios, exchanges, code and findings.";
    count.textContent = words;
    table.element.hidden = hits.length === 0;
    const rows = ["Requirement", "Scenario", "Spec", "Code", "Finding", "Line of code"].flatMap(
      (kind) => hits.filter((each) => each.kind === kind),
    );
    table.set(rows);
  };
  return { title: "Search", node, update };
}
