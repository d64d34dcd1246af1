// One scenario: what it shows, its steps, and every line that ran while it acted.

function scenarioView(id) {
  const scenario = byScenario.get(id);
  if (!scenario) return missingView(`No scenario ${id} in these features.`);
  const beside = scenarios.filter(
    (each) => each.feature === scenario.feature && each.outlineLine === scenario.outlineLine,
  );
  const next = (by) => beside[beside.indexOf(scenario) + by];
  const exchanged = exchanges(scenario).length;
  return {
    title: scenario.name,
    near: [next(-1), next(1)].map((each) => each && to("scenario", each.id)),
    node: h(
      "article",
      { class: "requirement" },
      crumbs(
        h("a", { href: to("features") }, "Features"),
        h("a", { href: to("feature", scenario.feature) }, scenario.featureName || scenario.feature),
        scenario.rule,
      ),
      h(
        "header",
        { class: `statement ${slug(scenario.result)}` },
        h("h1", { tabindex: "-1" }, scenario.name, " ", verdictWord(scenario.result)),
        scenario.reason ? h("p", { class: "reason" }, scenario.reason) : null,
        h(
          "p",
          { class: "shows" },
          "Shows ",
          scenario.requirements.length
            ? gradually(
                scenario.requirements,
                (each) => h("span", null, requirementLink(each), " "),
                24,
              )
            : "no requirement",
        ),
        h(
          "p",
          { class: "quiet" },
          breakable(scenario.id),
          `, ${scenario.result === "not run" ? "not run" : duration(scenario.seconds)}, ${plural(exchanged, "exchange")}`,
          beside.length > 1
            ? [
                `, example ${beside.indexOf(scenario) + 1} of ${beside.length}`,
                [
                  [-1, "previous"],
                  [1, "next"],
                ].map(([by, words]) =>
                  next(by) ? [" · ", h("a", { href: to("scenario", next(by).id) }, words)] : "",
                ),
              ]
            : "",
        ),
      ),
      gherkin(scenario, { open: exchanged < 6 }),
      scenarioCode(scenario),
    ),
  };
}

function scenarioCode(scenario) {
  const lines = [...ran(scenario)];
  if (lines.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, "Lines that ran while it acted"),
    lines.map(([path, seen]) => {
      const source = byPath.get(path);
      const summary = [
        h("span", { class: "symbol" }, breakable(path)),
        h("span", { class: "quiet" }, plural(seen.size, "line")),
      ];
      return disclosure(
        summary,
        () =>
          source?.text
            ? h("div", { class: "inside" }, definitionsThatRan(source, seen))
            : h("p", { class: "quiet" }, [...seen].join(", ")),
        { kind: "code-place" },
      );
    }),
  );
}

/** Only the definitions with a line that ran, each once: the innermost ones. */
function definitionsThatRan(source, seen) {
  const executable = new Set(spread(source.executable));
  const inner = new Set();
  for (const line of seen) {
    const around = source.definitions.filter((each) => each.first <= line && line <= each.last);
    around.sort((a, b) => a.last - a.first - (b.last - b.first));
    if (around[0]) inner.add(around[0]);
  }
  return [...inner]
    .sort((a, b) => a.first - b.first)
    .map(({ symbol, first, last }) => [
      h("p", { class: "symbol" }, breakable(symbol)),
      listing(source, { first, last, ran: seen, executable, idle: "did not run in this scenario" })
        .element,
    ]);
}
