// The spec's own text from its first line to its last, coloured by verdict.

function specView() {
  const { path, title, digest, context } = DATA.spec;
  const blocks = specBlocks();
  const text = new Sheets(blocks, specBlock, { kind: "document", guess: 72 });
  const node = h(
    "article",
    { class: "spec" },
    h("h1", { tabindex: "-1" }, "The spec, coloured by verdict"),
    h(
      "p",
      { class: "quiet" },
      title,
      h("span", { "aria-hidden": "true" }, " · "),
      breakable(path),
      h("span", { "aria-hidden": "true" }, " · "),
      `digest ${digest.slice(0, 12)}`,
    ),
    h("p", { class: "legend" }, verdictCounts(requirements)),
    text.element,
    context.length
      ? h(
          "p",
          { class: "quiet" },
          `Numbered as context, with nothing to prove: ${context.join(", ")}.`,
        )
      : null,
  );
  const update = (given) => {
    const line = Number(given.get("line"));
    text.element.querySelector(".target")?.classList.remove("target");
    const target = line ? text.find((block) => block.line === line) : null;
    target?.classList.add("target");
    if (target && !history.state?.y)
      requestAnimationFrame(() => target.scrollIntoView({ block: "center" }));
  };
  return { title: "Spec", node, update };
}

/** What the text comes apart into; without a text, the requirements under their kinds. */
function specBlocks() {
  const written = DATA.spec.blocks.map((row) => {
    if (typeof row === "number") return plainItem(requirements[row]);
    const [kind, line, words, level, marker = 0, at = 0] = row;
    return {
      kind: DATA.kinds_of_blocks[kind],
      line,
      words: text(words),
      level,
      marker: text(marker),
      requirement: at ? requirements[at - 1] : null,
    };
  });
  const stated = new Set(written.map((block) => block.requirement));
  const left = requirements.filter((each) => !stated.has(each));
  for (const [at, requirement] of left.entries()) {
    const { kind } = requirement;
    if (left[at - 1]?.kind !== kind)
      written.push({ kind: "heading", level: 1, words: kindName(kind) });
    written.push(plainItem(requirement));
  }
  return written;
}

let statements = null;

/** A requirement's text as the spec has it, emphasis and all. */
function asWritten(requirement) {
  statements ??= new Map(
    specBlocks()
      .filter((block) => block.requirement && !block.requirement.excluded)
      .map((block) => [block.requirement, block.words]),
  );
  const words = statements.get(requirement);
  return words === undefined ? withCode(requirement.text) : markup(words);
}

function plainItem(requirement) {
  const { line, text: words } = requirement;
  return { kind: "item", line, level: 0, marker: "-", words, requirement };
}

function specBlock({ kind, words, level, marker, requirement }) {
  if (requirement) return statedBlock(requirement, words, marker);
  if (kind === "heading") return h(`h${Math.min(6, level + 1)}`, null, markup(words));
  if (kind === "code") return h("pre", { tabindex: "0" }, words);
  if (kind === "table") return tableBlock(words);
  if (kind === "paragraph") return h("p", null, markup(words));
  const bullet = /\d/.test(marker) ? marker : "•";
  const depth = level ? "item nested" : "item";
  return h(
    "p",
    { class: depth },
    h("span", { class: "bullet" }, bullet),
    h("span", null, markup(words)),
  );
}

function statedBlock(requirement, words, marker) {
  const { id, verdict, reason, scenarios: list } = requirement;
  return h(
    "section",
    { class: `stated ${slug(verdict)}`, "aria-label": `${id}: ${verdict}` },
    h(
      "div",
      { class: "said" },
      h(
        "p",
        null,
        /\d/.test(marker) ? h("span", { class: "bullet" }, marker) : null,
        h("a", { class: "id", href: to("requirement", id), "data-item": true }, id),
        " ",
        markup(words),
      ),
      verdict === "verified" || verdict === "excluded" ? null : h("p", { class: "reason" }, reason),
    ),
    h(
      "p",
      { class: "beside" },
      verdictWord(verdict),
      " ",
      list.length ? h("span", { class: "quiet" }, outcome(list)) : null,
    ),
  );
}

function tableBlock(words) {
  const rows = words
    .split("\n")
    .filter((row) => !/^[\s|:-]+$/.test(row))
    .map((row) => row.replace(/^\||\|$/g, "").split(/(?<!\\)\|/));
  const line = (row, cell) =>
    h(
      "tr",
      null,
      row.map((each) => h(cell, null, markup(each.trim().replaceAll("\\|", "|")))),
    );
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      { class: "grid" },
      h(
        "thead",
        null,
        rows.slice(0, 1).map((row) => line(row, "th")),
      ),
      h(
        "tbody",
        null,
        rows.slice(1).map((row) => line(row, "td")),
      ),
    ),
  );
}
