// All features, and the scenarios of one.

function featuresView() {
  const groups = [...groupBy(scenarios, (each) => each.feature)];
  const largest = Math.max(1, ...groups.map(([, list]) => list.length));
  return {
    title: "Features",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Features"),
      h(
        "p",
        { class: "lead" },
        `${plural(scenarios.length, "scenario")} in ${plural(groups.length, "feature")}: ${resultSummary(scenarios)}.`,
      ),
      h(
        "table",
        { class: "bars" },
        tableBodyWithMore(groups, ([path, list]) =>
          h(
            "tr",
            null,
            h(
              "th",
              { scope: "row" },
              h(
                "a",
                { href: hrefTo("feature", path), "data-item": true },
                list[0].featureName || path,
              ),
            ),
            h("td", { class: "picture" }, resultBar(list, largest)),
            h("td", { class: "words" }, resultSummary(list)),
          ),
        ),
      ),
    ),
  };
}

const SCENARIO_COLUMNS = [
  { label: "Result", name: "c-verdict", cell: (each) => verdictLabel(each.result) },
  {
    label: "Scenario",
    name: "c-text",
    cell: (each) => [
      h("a", { class: "clamp", href: hrefTo("scenario", each.id) }, each.name),
      each.reason ? h("span", { class: "quiet clamp" }, each.reason) : null,
    ],
  },
  {
    label: "Shows",
    name: "c-ids",
    cell: (each) => [
      each.requirements.slice(0, 6).map((one) => [requirementLink(one), " "]),
      each.requirements.length > 6 ? `and ${number(each.requirements.length - 6)} more` : "",
    ],
  },
  {
    label: "Time",
    name: "c-time",
    cell: (each) =>
      h("span", { class: "time" }, each.result === "not run" ? "" : duration(each.seconds)),
  },
];

function scenarioRows(list) {
  const rows = [];
  for (const [at, each] of list.entries()) {
    const before = list[at - 1];
    if (each.rule && before?.rule !== each.rule) rows.push({ heading: each.rule });
    rows.push(each);
  }
  return rows;
}

function featureView(path) {
  const list = scenarios.filter((each) => each.feature === path);
  if (list.length === 0) return notFoundView(`No feature ${path}.`);
  const table = new Table({ kind: "scenario-rows", label: "Scenarios", columns: SCENARIO_COLUMNS });
  const node = h(
    "article",
    null,
    breadcrumbs(h("a", { href: hrefTo("features") }, "Features"), withBreaks(path)),
    h("h1", { tabindex: "-1" }, list[0].featureName || path),
    h(
      "p",
      { class: "lead" },
      `${plural(list.length, "scenario")}: ${resultSummary(list)}. `,
      h("a", { href: hrefTo("matrix", "", { feature: path }) }, "Their requirements in the matrix"),
    ),
    table.element,
  );
  return {
    title: list[0].featureName || path,
    node,
    update: () => table.setRows(scenarioRows(list)),
  };
}
