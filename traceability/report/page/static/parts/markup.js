// Inline Markdown as elements: code, strong, emphasis. Of a link only its words are kept.

const CODE_SPAN = /(`+)((?:(?!\1)[^])+?)\1(?!`)/;
const SPAN = new RegExp(
  [
    CODE_SPAN.source,
    "\\*\\*(?=\\S)([^]+?)(?<=\\S)\\*\\*",
    "(?<![\\w*])[*](?=\\S)([^*]+?)(?<=\\S)[*](?![\\w*])",
    "(?<![\\w_])_(?=\\S)([^_]+?)(?<=\\S)_(?![\\w_])",
    "\\[([^\\]]+)\\]\\([^)\\s]+\\)",
  ].join("|"),
  "g",
);
const CODE_SPANS = new RegExp(CODE_SPAN.source, "g");

/** All inline Markdown, for text that is as its author wrote it. */
function markup(words) {
  return inlineElements(words, SPAN, ([, , code, strong, emphasis, other, link]) => {
    if (code !== undefined) return h("code", null, code);
    if (strong !== undefined) return h("strong", null, markup(strong));
    return h("em", null, markup(emphasis ?? other ?? link));
  });
}

/** Code spans alone, for a requirement's text, whose emphasis the spec's reader has removed. */
function codeMarkup(words) {
  return inlineElements(words, CODE_SPANS, ([, , code]) => h("code", null, code));
}

function inlineElements(words, pattern, toElement) {
  const parts = [];
  let from = 0;
  for (const found of words.matchAll(pattern)) {
    parts.push(words.slice(from, found.index), toElement(found));
    from = found.index + found[0].length;
  }
  return [...parts, words.slice(from)];
}
