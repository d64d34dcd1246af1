// The whole text of the spec, each requirement coloured by its verdict.

function specView() {
  const { path, title, digest, context } = DATA.spec;
  const blocks = specBlocks();
  const text = new LazyBlocks(blocks, specBlock, { kind: "document", blockHeight: 72 });
  const node = h(
    "article",
    { class: "spec" },
    h("h1", { tabindex: "-1" }, "The spec, coloured by verdict"),
    h(
      "p",
      { class: "quiet" },
      title,
      h("span", { "aria-hidden": "true" }, " · "),
      withBreaks(path),
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

/** The blocks of the spec's text; requirements that the text lacks follow under their kinds. */
function specBlocks() {
  const blocks = DATA.spec.blocks.map((row) => {
    if (typeof row === "number") return requirementItem(requirements[row]);
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
  const shown = new Set(blocks.map((block) => block.requirement));
  const missing = requirements.filter((each) => !shown.has(each));
  for (const [at, requirement] of missing.entries()) {
    const { kind } = requirement;
    if (missing[at - 1]?.kind !== kind)
      blocks.push({ kind: "heading", level: 1, words: kindName(kind) });
    blocks.push(requirementItem(requirement));
  }
  return blocks;
}

let statementByRequirement = null;

/** A requirement's text as the spec has it, with its emphasis. */
function statementMarkup(requirement) {
  statementByRequirement ??= new Map(
    specBlocks()
      .filter((block) => block.requirement && !block.requirement.excluded)
      .map((block) => [block.requirement, block.words]),
  );
  const words = statementByRequirement.get(requirement);
  return words === undefined ? codeMarkup(requirement.text) : markup(words);
}

function requirementItem(requirement) {
  const { line, text: words } = requirement;
  return { kind: "item", line, level: 0, marker: "-", words, requirement };
}

function specBlock({ kind, words, level, marker, requirement }) {
  if (requirement) return requirementBlock(requirement, words, marker);
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

function requirementBlock(requirement, words, marker) {
  const { id, verdict, reason, scenarios: list } = requirement;
  return h(
    "section",
    { class: `stated ${slug(verdict)}`, "aria-label": `${id}: ${verdict}` },
    h(
      "div",
      { class: "requirement-text" },
      h(
        "p",
        null,
        /\d/.test(marker) ? h("span", { class: "bullet" }, marker) : null,
        h("a", { class: "id", href: hrefTo("requirement", id), "data-item": true }, id),
        " ",
        markup(words),
      ),
      verdict === "verified" || verdict === "excluded" ? null : h("p", { class: "reason" }, reason),
    ),
    h(
      "p",
      { class: "beside" },
      verdictLabel(verdict),
      " ",
      list.length ? h("span", { class: "quiet" }, resultSummary(list)) : null,
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
