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
        h("blockquote", null, asWritten(requirement)),
        requirement.deviation ? h("p", { class: "known" }, knownDeviation(requirement)) : null,
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
