// The search: entries that contain all words, those with the words in their title first.

let searchEntries = null;

const headerTexts = new Map();
function headerText(ref) {
  if (!headerTexts.has(ref))
    headerTexts.set(
      ref,
      headerPairs(ref).map((pair) => pair.join(": ")),
    );
  return headerTexts.get(ref);
}

function searchIndex() {
  searchEntries ??= [
    ...requirements.map(requirementEntry),
    ...scenarios.map(scenarioEntry),
    ...sources.flatMap(definitionEntries),
    ...sources.flatMap(lineEntries),
    ...specBlocks()
      .filter((block) => !block.requirement)
      .map(specEntry),
    ...findings.map(findingEntry),
  ];
  return searchEntries;
}

function requirementEntry({ id, text, reason, excluded, verdict }) {
  return {
    kind: "Requirement",
    title: id,
    more: text,
    verdict,
    href: hrefTo("requirement", id),
    words: [id, text, reason, excluded],
  };
}

/** A scenario is found by its steps, its exchanges and its measurements as well. */
function scenarioEntry({ id, name, rule, reason, result, row }) {
  return {
    kind: "Scenario",
    title: name,
    more: id,
    verdict: result,
    href: hrefTo("scenario", id),
    words: [
      name,
      rule,
      id,
      reason,
      ...row[13].flatMap((step) => [text(step[0]), text(step[3] ?? 0)]),
      ...row[14].flatMap((exchange) => [
        text(exchange[1]),
        text(exchange[2]),
        ...headerText(exchange[3]),
        text(exchange[4]),
        String(exchange[6]),
        ...headerText(exchange[7]),
        text(exchange[8]),
      ]),
      ...row[15].flatMap((measurement) => [text(measurement[1]), text(measurement[6])]),
    ],
  };
}

function definitionEntries({ path, definitions }) {
  return definitions.map(({ symbol, first }) => ({
    kind: "Code",
    title: symbol,
    more: `${path}:${first}`,
    href: hrefTo("source", path, { line: first }),
    words: [symbol, path],
  }));
}

function lineEntries({ path, text: content }) {
  return content
    .split("\n")
    .map((line, at) => ({
      kind: "Line of code",
      title: line.trim(),
      more: `${path}:${at + 1}`,
      href: hrefTo("source", path, { line: at + 1 }),
      words: [line],
    }))
    .filter((each) => each.title);
}

function specEntry({ words, line }) {
  return {
    kind: "Spec",
    title: words,
    more: line ? `${DATA.spec.path}:${line}` : "",
    href: hrefTo("spec", "", { line }),
    words: [words],
  };
}

function findingEntry({ kind, message, path }) {
  return {
    kind: "Finding",
    title: message,
    more: kind,
    href: hrefTo("findings"),
    words: [kind, message, path],
  };
}

function lowerText(entry) {
  entry.low ??= entry.words.join("\n").toLowerCase();
  return entry.low;
}

/** The lower-case texts of search and filters, prepared one by one while the browser is idle. */
function* preparedTexts() {
  for (const each of requirements) yield searchText(each);
  for (const entry of searchIndex()) yield lowerText(entry);
}

function prepareWhileIdle(work, idle) {
  let left = 200; // steps at once, where the browser does not say how long it can wait
  while (idle ? idle.timeRemaining() > 1 : left-- > 0) if (work.next().done) return;
  whenIdle((next) => prepareWhileIdle(work, next));
}

function whenIdle(work) {
  if (window.requestIdleCallback) window.requestIdleCallback(work);
  else setTimeout(work, 20);
}

const preparing = preparedTexts();
whenIdle((idle) => prepareWhileIdle(preparing, idle));

function matchingEntries(terms) {
  if (terms.length === 0) return [];
  const matching = [];
  for (const entry of searchIndex()) {
    if (terms.every((term) => lowerText(entry).includes(term))) matching.push(entry);
  }
  const inTitle = (entry) => terms.every((term) => entry.title.toLowerCase().includes(term));
  return [...matching.filter(inTitle), ...matching.filter((entry) => !inTitle(entry))];
}

let searchTerms = [];

/** The words, with the search terms highlighted. */
function highlighted(words) {
  const low = words.toLowerCase();
  // Where lower case has another length (as of İ), the positions would be wrong.
  if (low.length !== words.length) return words;
  const parts = [];
  let from = 0;
  // A term is looked for again only behind the place where it was found.
  let places = searchTerms.map((term) => [low.indexOf(term), term]);
  for (;;) {
    places = places
      .map(([at, term]) => [at < 0 || at >= from ? at : low.indexOf(term, from), term])
      .filter(([at]) => at >= 0);
    if (places.length === 0) break;
    const [at, term] = places.reduce((a, b) => (b[0] < a[0] ? b : a));
    parts.push(words.slice(from, at), h("mark", null, words.slice(at, at + term.length)));
    from = at + term.length;
  }
  return [...parts, words.slice(from)];
}

/** The text around a term that neither the title nor the line below it contains. */
function excerpt({ title, more, words }) {
  const visible = `${title}\n${more}`.toLowerCase();
  const term = searchTerms.find((term) => !visible.includes(term));
  if (!term) return "";
  const whole = words.find((each) => each.toLowerCase().includes(term)) ?? "";
  const at = whole.toLowerCase().indexOf(term);
  const from = Math.max(0, at - 50);
  const until = at + term.length + 80;
  const part = whole.slice(from, until).replace(/\s+/g, " ");
  return [from ? "…" : "", highlighted(part), until < whole.length ? "…" : ""];
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
        each.verdict ? verdictIcon(each.verdict, each.verdict) : "",
        highlighted(each.title),
      ),
      h("span", { class: "quiet clamp" }, each.more === each.title ? "" : highlighted(each.more)),
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
    searchTerms = query.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = matchingEntries(searchTerms);
    const summary = query.trim()
      ? `“${query.trim()}”: ${hits.length ? plural(hits.length, "place") : "nothing found"}`
      : "Type words to find requirements, scenarios, exchanges, code and findings.";
    count.textContent = summary;
    table.element.hidden = hits.length === 0;
    const rows = ["Requirement", "Scenario", "Spec", "Code", "Finding", "Line of code"].flatMap(
      (kind) => hits.filter((each) => each.kind === kind),
    );
    table.setRows(rows);
  };
  return { title: "Search", node, update };
}
