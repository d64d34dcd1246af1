// Full text over everything, all words anywhere: first what is named so, then what contains it.

let searchIndex = null;

function index() {
  searchIndex ??= [
    ...requirements.map((each) => ({
      kind: "Requirement",
      title: each.id,
      more: each.text,
      verdict: each.verdict,
      href: to("requirement", each.id),
      words: [each.id, each.text, each.reason],
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
          text(row[4]),
          String(row[6]),
          text(row[8]),
        ]),
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

// Made while nobody waits for it; a search that comes first makes it itself.
(window.requestIdleCallback ?? setTimeout)(() => {
  for (const entry of index()) entry.low ??= entry.words.join("\n").toLowerCase();
});

function found(query) {
  const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (terms.length === 0) return [];
  const hits = [];
  for (const entry of index()) {
    entry.low ??= entry.words.join("\n").toLowerCase();
    if (terms.every((term) => entry.low.includes(term))) hits.push(entry);
  }
  const named = (entry) => terms.every((term) => entry.title.toLowerCase().includes(term));
  return [...hits.filter(named), ...hits.filter((entry) => !named(entry))];
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
        each.title,
      ),
      h("span", { class: "quiet clamp" }, each.more),
    ],
  },
];

function searchView() {
  const count = h("p", { class: "lead", role: "status" });
  const table = new Table({ kind: "search-rows", label: "Found", columns: SEARCH_COLUMNS });
  const node = h("article", null, h("h1", { tabindex: "-1" }, "Search"), count, table.element);
  const update = (parameters) => {
    const query = parameters.get("q") ?? "";
    const hits = found(query);
    const words = query.trim()
      ? `“${query.trim()}”: ${hits.length ? plural(hits.length, "place") : "nothing found"}`
      : "Type words to find requirements, scenarios, exchanges, code and findings.";
    count.textContent = words;
    table.element.hidden = hits.length === 0;
    const rows = ["Requirement", "Scenario", "Code", "Finding", "Line of code"].flatMap((kind) =>
      hits.filter((each) => each.kind === kind),
    );
    table.set(rows);
  };
  return { title: "Search", node, update };
}
