// Source text with what ran marked at its margin.

/** Files up to this long are drawn whole, so that the browser's own search finds everything. */
const MANY_LINES = 1500;

/**
 * Lines `first` to `last` of a file. `ran` has the lines to mark, `executable` those that could
 * have run; `margin` gives what else stands beside a line.
 */
function listing(
  source,
  { first = 1, last = Infinity, ran, executable, margin = null, idle = "" },
) {
  const lines = source.text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const until = Math.min(last, lines.length);
  const row = (at) => {
    const kind = ran.has(at) ? "ran" : executable.has(at) ? "idle" : "";
    const words = kind === "ran" ? "ran" : kind === "idle" ? idle : "";
    return h(
      "div",
      { class: `code-line ${kind}`, "data-line": at },
      h("span", { class: "line-number" }, String(at)),
      h("span", { class: "line-mark", title: words }, kind === "idle" ? "○" : ""),
      margin ? h("span", { class: "line-margin" }, margin(at)) : null,
      h("code", null, lines[at - 1] || " "),
    );
  };
  const numbers = Array.from({ length: Math.max(0, until - first + 1) }, (_, at) => first + at);
  const sheets = new Sheets(numbers, row, { guess: 24, many: MANY_LINES });
  const element = h(
    "div",
    {
      class: `listing ${margin ? "with-margin" : ""}`,
      tabindex: "0",
      role: "group",
      "aria-label": source.path,
    },
    sheets.element,
  );
  return { element, sheets };
}

const STRENGTH = {
  both: [
    "claimed and measured",
    "A comment claims it, and it ran while this requirement's scenarios acted.",
  ],
  claimed: ["claimed only", "A comment claims it, but no line of it was seen to run."],
  beyond: [
    "claimed, not measurable",
    "A comment claims it; lines of this file cannot be measured.",
  ],
  measured: ["measured only", "It ran while this requirement's scenarios acted; nobody claims it."],
};

function strengthKind({ claimed, measured, path }) {
  if (claimed && measured) return "both";
  if (!claimed) return "measured";
  return byPath.get(path)?.executable.length === 0 ? "beyond" : "claimed";
}

function strength(found) {
  const kind = strengthKind(found);
  const [words, why] = STRENGTH[kind];
  return h("span", { class: `strength ${kind}`, title: why }, words);
}

/** For how many requirements it runs, in words and as a bar: the shorter, the more it is this one's. */
function sharing({ shared }) {
  if (shared < 1) return "";
  const words =
    shared === 1
      ? "ran for this requirement alone"
      : `ran for ${number(shared)} of ${number(counted.length)} requirements`;
  const rest = Math.max(0, counted.length - shared);
  return h(
    "span",
    { class: "sharing" },
    bar(
      [
        [shared, "share"],
        [rest, "gap"],
      ],
      shared + rest,
      words,
    ),
    words,
  );
}

/** The lines of a place that could have run for it: no header, and nothing defined inside it. */
function ownLines(source, found) {
  const inside = ({ first, last }) => first >= found.first && last <= found.last;
  const own = source.definitions.find(
    (each) => each.first === found.first && each.symbol === found.symbol,
  );
  const inner = source.definitions.filter((each) => each !== own && inside(each));
  return new Set(
    [...spread(source.executable)].filter(
      (line) =>
        line >= (own?.body || found.first) &&
        line <= found.last &&
        !inner.some((each) => each.first <= line && line <= each.last),
    ),
  );
}

function placeBlock(found, open) {
  const source = byPath.get(found.path);
  const summary = [
    h("span", { class: "symbol" }, breakable(found.symbol)),
    strength(found),
    h(
      "span",
      { class: "where quiet" },
      breakable(`${found.path}:${found.first}–${found.last}`),
      sharing(found),
    ),
  ];
  const content = () => {
    if (!source?.text) return h("p", { class: "quiet" }, "The page has no text of this file.");
    return h(
      "div",
      { class: "inside" },
      listing(source, {
        first: found.first,
        last: found.last,
        ran: new Set(spread(found.ranges)),
        executable: ownLines(source, found),
        idle: "did not run for this requirement",
      }).element,
      h("p", { class: "quiet" }, place(found.path, found.first)),
    );
  };
  return disclosure(summary, content, { open, kind: "code-place" });
}
