// One requirement: the sentence, the scenarios, the exchange and the code, side by side.

function requirementView(id) {
  const requirement = byId.get(id);
  if (!requirement) return missingView(`No requirement ${id} in this spec.`);
  const { verdict, reason, excluded } = requirement;
  return {
    title: `${id}: ${verdict}`,
    near: [requirements[requirement.at - 1], requirements[requirement.at + 1]].map(
      (each) => each && to("requirement", each.id),
    ),
    node: h(
      "article",
      { class: "requirement" },
      crumbs(
        h("a", { href: to("matrix") }, "Matrix"),
        h("a", { href: to("matrix", "", { kind: requirement.kind }) }, kindName(requirement.kind)),
      ),
      h(
        "header",
        { class: `statement ${slug(verdict)}` },
        h("h1", { tabindex: "-1" }, id, " ", verdictWord(verdict)),
        h("blockquote", null, withCode(requirement.text)),
        h("p", { class: "reason" }, excluded && excluded !== reason ? [excluded, " "] : "", reason),
        h(
          "p",
          { class: "quiet" },
          place(requirement.path, requirement.line),
          neighbours(requirement),
        ),
      ),
      h(
        "div",
        { class: "columns proof" },
        requirementScenarios(requirement),
        requirementCode(requirement),
      ),
    ),
  };
}

function neighbours({ at }) {
  return [
    [requirements[at - 1], "previous"],
    [requirements[at + 1], "next"],
  ].map(([each, words]) =>
    each
      ? [
          h("span", { "aria-hidden": "true" }, " · "),
          h("a", { href: to("requirement", each.id) }, `${words}: ${each.id}`),
        ]
      : null,
  );
}

function requirementScenarios({ scenarios: list, verdict }) {
  const order = { failed: 0, "not run": 1, passed: 2 };
  const inOrder = list.toSorted((a, b) => order[a.result] - order[b.result] || a.at - b.at);
  return h(
    "section",
    { "aria-label": "Scenarios" },
    h("h2", null, "Shown by"),
    h(
      "p",
      { class: "quiet" },
      list.length
        ? `${plural(list.length, "scenario")}: ${outcome(list)}.`
        : verdict === "excluded"
          ? "The spec says that no test can show it."
          : "No scenario carries this id.",
    ),
    list.length
      ? gradually(inOrder, (each) => scenarioBlock(each, { open: each === inOrder[0] }), 60)
      : null,
  );
}

function requirementCode({ code }) {
  const claimed = code.filter((each) => each.claimed);
  const others = code.filter((each) => !each.claimed);
  const shared = others.filter((each) => each.shared > counted.length / 2 && each.shared > 2);
  const own = others.filter((each) => !shared.includes(each));
  const open = new Set([...claimed, ...own].slice(0, 2));
  const blocks = (places) => gradually(places, (each) => placeBlock(each, open.has(each)), 20);
  return h(
    "section",
    { "aria-label": "Code" },
    h("h2", null, "Code that ran"),
    h(
      "p",
      { class: "quiet" },
      code.length
        ? "Marked lines ran while these scenarios acted."
        : "No code is claimed, and none was measured.",
    ),
    claimed.length ? [h("h3", null, "Claimed by a comment"), blocks(claimed)] : null,
    own.length
      ? [h("h3", null, "Ran without a claim, the most specific first"), blocks(own)]
      : null,
    shared.length
      ? disclosure(
          `${plural(shared.length, "place")} that ran for more than half of all requirements`,
          () => blocks(shared),
          { kind: "shared" },
        )
      : null,
  );
}

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
      listing(source, { first, last, ran: seen, executable, idle: "did not run in this scenario" }),
    ]);
}

function missingView(words) {
  return {
    title: "Not found",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Not in this report"),
      h("p", null, words),
      h("p", null, h("a", { href: to("") }, "Back to the overview")),
    ),
  };
}
