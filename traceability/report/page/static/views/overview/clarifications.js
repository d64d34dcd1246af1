// The clarifications from which the judged server differs: no requirement is broken by that.

const DIFFERENCES_SHOWN = 8;
const differing = clarifications.filter((each) => each.outcome === "differs");

function differencesSection() {
  if (differing.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `What differs from a clarification (${number(differing.length)})`),
    h(
      "p",
      { class: "quiet" },
      "The specification leaves these points open and decides them in an appendix. ",
      DATA.strict
        ? "This judging is strict: what differs falls short."
        : "Whoever decides otherwise breaks no requirement by it.",
    ),
    h(
      "ul",
      { class: "shortfalls" },
      differing.slice(0, DIFFERENCES_SHOWN).map((each) => h("li", null, difference(each))),
    ),
    differing.length > DIFFERENCES_SHOWN
      ? h(
          "p",
          null,
          "And more: ",
          differing
            .slice(DIFFERENCES_SHOWN)
            .map((each, at) => [at ? ", " : "", clarificationLink(each)]),
        )
      : null,
  );
}

function difference(clarification) {
  const failed = clarification.scenarios.filter((each) => each.result === "failed");
  const first = failed[0];
  return [
    h(
      "div",
      { class: "requirement-and-verdict" },
      clarificationLink(clarification),
      verdictLabel("differs"),
    ),
    h(
      "p",
      { class: "reason" },
      `${number(failed.length)} of ${plural(clarification.scenarios.length, "scenario")}: `,
      h("a", { href: hrefTo("scenario", first.id) }, first.name),
      `: ${first.reason}`,
    ),
    h("p", { class: "quiet promise" }, codeMarkup(clarification.text)),
  ];
}
