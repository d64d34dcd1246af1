// Inline Markdown as elements: code, strong, emphasis. Of a link only its words are kept.
//
// By hand and not by one pattern, because a pattern looks for the end of each mark anew: here each
// place is looked at a fixed number of times, whatever the text holds.

const MARK = /[`*_[]/g;

/** All inline Markdown, for text that is as its author wrote it. */
function markup(words) {
  const ends = {
    code: codeSpans(words),
    strong: nextPlace(words, /(?<=\S)\*\*/g),
    "*": nextPlace(words, /\*/g),
    _: nextPlace(words, /_/g),
    bracket: nextPlace(words, /\]/g),
    address: nextPlace(words, /[)\s]/g),
  };
  const parts = [];
  let from = 0;
  MARK.lastIndex = 0;
  for (let found = MARK.exec(words); found; found = MARK.exec(words)) {
    const at = found.index;
    const span = spanAt(words, at, ends);
    if (span) {
      parts.push(words.slice(from, at), span);
      from = span.end;
    }
    MARK.lastIndex = span ? span.end : (ends.code.runEnd.get(at) ?? at + 1);
  }
  return elements([...parts, words.slice(from)], markup);
}

/** Code spans alone, for a requirement's text, whose emphasis the spec's reader has removed. */
function codeMarkup(words) {
  const parts = [];
  let from = 0;
  for (const [at, span] of codeSpans(words).spans) {
    if (at < from) continue;
    parts.push(words.slice(from, at), span);
    from = span.end;
  }
  return elements([...parts, words.slice(from)]);
}

function elements(parts, inside) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    return h(part.element, null, part.element === "code" ? part.words : inside(part.words));
  });
}

/** The span that begins at a mark: its element, its words, and where it ends; null if none does. */
function spanAt(words, at, ends) {
  const mark = words[at];
  if (mark === "`") return ends.code.spans.get(at) ?? null;
  if (mark === "[") return linkAt(words, at, ends);
  if (words.startsWith("**", at) && /\S/.test(words[at + 2] ?? "")) {
    const end = ends.strong(at + 3);
    if (end < words.length) {
      return { element: "strong", words: words.slice(at + 2, end), end: end + 2 };
    }
  }
  const end = ends[mark](at + 1);
  const alone = (other) => other === undefined || (other !== mark && !/\w/.test(other));
  const holds =
    end > at + 1 &&
    end < words.length &&
    alone(words[at - 1]) &&
    alone(words[end + 1]) &&
    /\S/.test(words[at + 1]) &&
    /\S/.test(words[end - 1]);
  return holds ? { element: "em", words: words.slice(at + 1, end), end: end + 1 } : null;
}

function linkAt(words, at, { bracket, address }) {
  const middle = bracket(at + 1);
  if (middle === at + 1 || words[middle + 1] !== "(") return null;
  const end = address(middle + 2);
  if (end === middle + 2 || words[end] !== ")") return null;
  return { element: "em", words: words.slice(at + 1, middle), end: end + 1 };
}

/**
 * The code spans by their beginnings, and where each run of backticks ends. A run begins a span if
 * a later one has the same length, as in CommonMark.
 */
function codeSpans(words) {
  const runs = [...words.matchAll(/`+/g)];
  const spans = new Map();
  const runEnd = new Map();
  const next = new Map();
  for (const { 0: run, index } of runs.reverse()) {
    const inner = index + run.length;
    const end = next.get(run.length);
    if (end !== undefined) {
      spans.set(index, { element: "code", words: words.slice(inner, end), end: end + run.length });
    }
    runEnd.set(index, inner);
    next.set(run.length, index);
  }
  return { spans: new Map([...spans].reverse()), runEnd };
}

/**
 * A function from a place to the first match of a pattern from there on, or the end of the text. It
 * searches again only behind what it has found; the places must not fall.
 */
function nextPlace(words, pattern) {
  let place = -1;
  return (from) => {
    if (place < from) {
      pattern.lastIndex = from;
      place = pattern.exec(words)?.index ?? words.length;
    }
    return place;
  };
}
