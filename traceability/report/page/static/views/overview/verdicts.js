// The requirements kind by kind, and the verdict of each.

/** With more requirements, each kind gets a bar instead of a square for each requirement. */
const SQUARES_AT_MOST = 400;

function verdictsByKind() {
  const kinds = [...groupBy(requirements, (each) => each.kind)];
  const largest = Math.max(...kinds.map(([, mine]) => mine.length));
  const drawn =
    requirements.length > SQUARES_AT_MOST ? (mine) => verdictBar(mine, largest) : verdictSquares;
  return h(
    "section",
    null,
    h("h2", null, "What was promised, and its verdict"),
    h(
      "table",
      { class: "bars" },
      h(
        "thead",
        { class: "hidden" },
        h(
          "tr",
          null,
          ["Kind", "Verdicts"].map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        null,
        kinds.map(([kind, mine]) =>
          h(
            "tr",
            null,
            h(
              "th",
              { scope: "row" },
              h("a", { href: hrefTo("matrix", "", { kind }) }, kindName(kind)),
            ),
            h(
              "td",
              { class: "picture" },
              drawn(mine),
              h("p", { class: "counts" }, verdictCounts(mine, { kind })),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A square for each requirement. Tab skips them, because the matrix has links to all of them. */
function verdictSquares(mine) {
  return h(
    "div",
    { class: "cells" },
    mine.map((each) =>
      h(
        "a",
        {
          class: `square ${slug(each.verdict)}`,
          href: hrefTo("requirement", each.id),
          title: `${each.id}, ${each.verdict}: ${each.text}`,
          "aria-label": `${each.id}: ${each.verdict}`,
          tabindex: "-1",
        },
        each.verdict === "verified" ? null : verdictIcon(each.verdict),
      ),
    ),
  );
}

function verdictBar(mine, largest) {
  const parts = VERDICTS_IN_ORDER.map((verdict) => {
    const count = mine.filter((each) => each.verdict === verdict).length;
    return [count, verdict, `${number(count)} ${verdict}`];
  }).filter(([count]) => count);
  return bar(parts, largest, parts.map(([, , words]) => words).join(", "));
}
