// One requirement: its sentence, and side by side its scenarios with their exchanges, and its code.

function requirementView(id) {
  const requirement = requirementById.get(id);
  if (!requirement) return notFoundView(`No requirement ${id} in this spec.`);
  const { verdict, reason, excluded } = requirement;
  return {
    title: `${id}: ${verdict}`,
    neighbours: [requirements[requirement.at - 1], requirements[requirement.at + 1]].map(
      (each) => each && hrefTo("requirement", each.id),
    ),
    node: h(
      "article",
      { class: "requirement" },
      breadcrumbs(
        h("a", { href: hrefTo("matrix") }, "Matrix"),
        h(
          "a",
          { href: hrefTo("matrix", "", { kind: requirement.kind }) },
          kindName(requirement.kind),
        ),
      ),
      h(
        "header",
        { class: `statement ${slug(verdict)}` },
        h("h1", { tabindex: "-1" }, id, " ", verdictLabel(verdict)),
        h("blockquote", null, statementMarkup(requirement)),
        requirement.deviation ? h("p", { class: "known" }, knownDeviation(requirement)) : null,
        h("p", { class: "reason" }, excluded && excluded !== reason ? [excluded, " "] : "", reason),
        allReasons(requirement),
        h(
          "p",
          { class: "quiet" },
          placeLink(requirement.path, requirement.line),
          neighbourLinks(requirement),
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

/** All deviations that a requirement fails by, where its reason names the first one only. */
function allReasons(requirement) {
  const own = failuresOf(requirement);
  return own.length > 1 ? h("div", { class: "all-reasons" }, failureList(own)) : null;
}

function neighbourLinks({ at }) {
  return [
    [requirements[at - 1], "previous"],
    [requirements[at + 1], "next"],
  ].map(([each, words]) =>
    each
      ? [
          h("span", { "aria-hidden": "true" }, " · "),
          h("a", { href: hrefTo("requirement", each.id) }, `${words}: ${each.id}`),
        ]
      : null,
  );
}

function requirementScenarios({ scenarios: list, verdict }) {
  const order = { failed: 0, "not run": 1, passed: 2 };
  const rests = (each) => Number(each.clarifications.length > 0);
  const inOrder = list.toSorted(
    (a, b) => order[a.result] - order[b.result] || rests(a) - rests(b) || a.at - b.at,
  );
  return h(
    "section",
    { "aria-label": "Scenarios" },
    h("h2", null, "Shown by"),
    h(
      "p",
      { class: "quiet" },
      list.length
        ? `${plural(list.length, "scenario")}: ${resultSummary(list)}.`
        : verdict === "excluded"
          ? "The spec says that no test can show it."
          : "No scenario carries this id.",
    ),
    list.length
      ? listWithMore(inOrder, (each) => scenarioBlock(each, { open: each === inOrder[0] }), 60)
      : null,
  );
}

function requirementCode({ code }) {
  const claimed = code.filter((each) => each.claimed);
  const others = code.filter((each) => !each.claimed);
  const shared = others.filter(
    (each) => each.requirementCount > notExcluded.length / 2 && each.requirementCount > 2,
  );
  const own = others.filter((each) => !shared.includes(each));
  const open = new Set([...claimed, ...own].slice(0, 2));
  const blocks = (places) =>
    listWithMore(places, (each) => codePlaceBlock(each, open.has(each)), 20);
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

function notFoundView(words) {
  return {
    title: "Not found",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Not in this report"),
      h("p", null, words),
      h("p", null, h("a", { href: hrefTo("") }, "Back to the overview")),
    ),
  };
}
