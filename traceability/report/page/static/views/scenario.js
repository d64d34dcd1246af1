// One scenario: what it shows, its steps, and every line that ran while it acted.

function scenarioView(id) {
  const scenario = scenarioById.get(id);
  if (!scenario) return notFoundView(`No scenario ${id} in these features.`);
  const examples = scenarios.filter(
    (each) => each.feature === scenario.feature && each.outlineLine === scenario.outlineLine,
  );
  const at = examples.indexOf(scenario);
  const exchangeCount = exchanges(scenario).length;
  return {
    title: scenario.name,
    neighbours: [examples[at - 1], examples[at + 1]].map(
      (each) => each && hrefTo("scenario", each.id),
    ),
    node: h(
      "article",
      { class: "requirement" },
      breadcrumbs(
        h("a", { href: hrefTo("features") }, "Features"),
        h(
          "a",
          { href: hrefTo("feature", scenario.feature) },
          scenario.featureName || scenario.feature,
        ),
        scenario.rule,
      ),
      scenarioHeader(scenario, exchangeCount, exampleLinks(examples, at)),
      scenarioSteps(scenario, { open: exchangeCount < 6 }),
      scenarioCode(scenario),
    ),
  };
}

function scenarioHeader(scenario, exchangeCount, links) {
  const time = scenario.result === "not run" ? "not run" : duration(scenario.seconds);
  return h(
    "header",
    { class: `statement ${slug(scenario.result)}` },
    h("h1", { tabindex: "-1" }, scenario.name, " ", verdictLabel(scenario.result)),
    scenario.reason ? h("p", { class: "reason" }, scenario.reason) : null,
    logExcerpt("End of the server's log", scenario.log),
    h(
      "p",
      { class: "shows" },
      "Shows ",
      scenario.requirements.length
        ? listWithMore(
            scenario.requirements,
            (each) => h("span", null, requirementLink(each), " "),
            24,
          )
        : "no requirement",
    ),
    restsOn(scenario),
    h(
      "p",
      { class: "quiet" },
      withBreaks(scenario.id),
      `, ${time}, ${plural(exchangeCount, "exchange")}`,
      links,
    ),
  );
}

/** The number of an example within its outline, and links to the examples before and after it. */
function exampleLinks(examples, at) {
  if (examples.length < 2) return "";
  const link = (example, words) =>
    example ? [" · ", h("a", { href: hrefTo("scenario", example.id) }, words)] : "";
  return [
    `, example ${at + 1} of ${examples.length}`,
    link(examples[at - 1], "previous"),
    link(examples[at + 1], "next"),
  ];
}

function scenarioCode(scenario) {
  const lines = [...executedLines(scenario)];
  if (lines.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, "Lines that ran while it acted"),
    lines.map(([path, executed]) => {
      const source = sourceByPath.get(path);
      const summary = [
        h("span", { class: "symbol" }, withBreaks(path)),
        h("span", { class: "quiet" }, plural(executed.size, "line")),
      ];
      return disclosure(
        summary,
        () =>
          source?.text
            ? h("div", { class: "inside" }, definitionsThatRan(source, executed))
            : h("p", { class: "quiet" }, [...executed].join(", ")),
        { kind: "code-place" },
      );
    }),
  );
}

/** The code of each definition with a line that ran; of nested definitions, the innermost. */
function definitionsThatRan(source, executed) {
  const executable = new Set(expandRanges(source.executable));
  const innermost = new Set();
  for (const line of executed) {
    const enclosing = source.definitions.filter((each) => each.first <= line && line <= each.last);
    enclosing.sort((a, b) => a.last - a.first - (b.last - b.first));
    if (enclosing[0]) innermost.add(enclosing[0]);
  }
  return [...innermost]
    .sort((a, b) => a.first - b.first)
    .map(({ symbol, first, last }) => [
      h("p", { class: "symbol" }, withBreaks(symbol)),
      codeListing(source, {
        first,
        last,
        ran: executed,
        executable,
        idle: "did not run in this scenario",
      }).element,
    ]);
}
