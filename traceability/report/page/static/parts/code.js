// Source text with the lines that ran marked, and the evidence for a place of code.

/** Shorter files are rendered whole, so that the browser's own search finds everything. */
const LAZY_ABOVE_LINES = 1500;

/**
 * Lines `first` to `last` of a file. `ran` has the lines to mark, `executable` those that could
 * have run; `margin` returns the content beside a line, `idle` is the title of a line not run.
 */
function codeListing(
  source,
  { first = 1, last = Infinity, ran, executable, margin = null, idle = "" },
) {
  const lines = source.text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const until = Math.min(last, lines.length);
  const lineElement = (at) => {
    const state = ran.has(at) ? "ran" : executable.has(at) ? "idle" : "";
    const title = state === "ran" ? "ran" : state === "idle" ? idle : "";
    return h(
      "div",
      { class: `code-line ${state}`, "data-line": at },
      h("span", { class: "line-number" }, String(at)),
      h("span", { class: "line-mark", title }, state === "idle" ? "○" : ""),
      margin ? h("span", { class: "line-margin" }, margin(at)) : null,
      h("code", null, lines[at - 1] || " "),
    );
  };
  const numbers = Array.from({ length: Math.max(0, until - first + 1) }, (_, at) => first + at);
  const blocks = new LazyBlocks(numbers, lineElement, {
    blockHeight: 24,
    lazyAbove: LAZY_ABOVE_LINES,
  });
  const element = h(
    "div",
    {
      class: `listing ${margin ? "with-margin" : ""}`,
      tabindex: "0",
      role: "group",
      "aria-label": source.path,
    },
    blocks.element,
  );
  return { element, blocks };
}

const STRENGTHS = {
  both: [
    "claimed and measured",
    "A comment claims it, and it ran while this requirement's scenarios acted.",
  ],
  claimed: ["claimed only", "A comment claims it, but no line of it was seen to run."],
  unmeasurable: [
    "claimed, not measurable",
    "A comment claims it; lines of this file cannot be measured.",
  ],
  measured: ["measured only", "It ran while this requirement's scenarios acted; nobody claims it."],
};

function strengthOf({ claimed, measured, path }) {
  if (claimed && measured) return "both";
  if (!claimed) return "measured";
  return sourceByPath.get(path)?.executable.length === 0 ? "unmeasurable" : "claimed";
}

function strengthLabel(codePlace) {
  const kind = strengthOf(codePlace);
  const [words, why] = STRENGTHS[kind];
  return h("span", { class: `strength ${kind}`, title: why }, words);
}

/** For how many requirements a place of code ran, in words and as a bar: fewer is more specific. */
function requirementShare({ requirementCount }) {
  if (requirementCount < 1) return "";
  const label =
    requirementCount === 1
      ? "ran for this requirement alone"
      : `ran for ${number(requirementCount)} of ${number(notExcluded.length)} requirements`;
  const rest = Math.max(0, notExcluded.length - requirementCount);
  return h(
    "span",
    { class: "sharing" },
    bar(
      [
        [requirementCount, "share"],
        [rest, "gap"],
      ],
      requirementCount + rest,
      label,
    ),
    label,
  );
}

/** The executable lines of a definition, without its header and without nested definitions. */
function ownLines(source, codePlace) {
  const inside = ({ first, last }) => first >= codePlace.first && last <= codePlace.last;
  const definition = source.definitions.find(
    (each) => each.first === codePlace.first && each.symbol === codePlace.symbol,
  );
  const nested = source.definitions.filter((each) => each !== definition && inside(each));
  return new Set(
    [...expandRanges(source.executable)].filter(
      (line) =>
        line >= (definition?.body || codePlace.first) &&
        line <= codePlace.last &&
        !nested.some((each) => each.first <= line && line <= each.last),
    ),
  );
}

function codePlaceBlock(codePlace, open) {
  const source = sourceByPath.get(codePlace.path);
  const summary = [
    h("span", { class: "symbol" }, withBreaks(codePlace.symbol)),
    strengthLabel(codePlace),
    h(
      "span",
      { class: "where quiet" },
      withBreaks(`${codePlace.path}:${codePlace.first}–${codePlace.last}`),
      requirementShare(codePlace),
    ),
  ];
  const content = () => {
    if (!source?.text) return h("p", { class: "quiet" }, "The page has no text of this file.");
    return h(
      "div",
      { class: "inside" },
      codeListing(source, {
        first: codePlace.first,
        last: codePlace.last,
        ran: new Set(expandRanges(codePlace.ranges)),
        executable: ownLines(source, codePlace),
        idle: "did not run for this requirement",
      }).element,
      h("p", { class: "quiet" }, placeLink(codePlace.path, codePlace.first)),
    );
  };
  return disclosure(summary, content, { open, kind: "code-place" });
}
