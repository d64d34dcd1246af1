// Why scenarios failed: each deviation once, with all requirements and scenarios that it fails.

const FAILURES_SHOWN = 40;

function failuresSection() {
  if (failures.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `Why (${plural(failures.length, "deviation")}, most telling first)`),
    failureList(failures),
  );
}

function failureList(list) {
  return listWithMore(list, failureItem, FAILURES_SHOWN);
}

function failureItem(failure) {
  const { sentence, expected, actual, cases, scenarios: shownBy, requirements: ids } = failure;
  const content = () =>
    h(
      "div",
      { class: "inside" },
      mismatchBlock({ sentence: "", expected, actual }),
      cases.length > 1 ? h("p", { class: "quiet" }, `Cases: ${cases.join("; ")}.`) : null,
      listWithMore(shownBy, (each) => scenarioBlock(each), 25),
    );
  const summary = [
    h("span", { class: "what" }, sentence, differsFromOnly(failure)),
    h(
      "span",
      { class: "ids" },
      ids.map((each) => [requirementLink(each), " "]),
    ),
  ];
  return disclosure(summary, content, { kind: "failure" });
}

/** From which clarifications a deviation differs; nothing for one that breaks a sentence. */
function differsFromOnly({ clarifications: list }) {
  if (list.length === 0) return null;
  return h(
    "span",
    { class: "rests" },
    verdictLabel("differs"),
    " from ",
    list.map((each, at) => [at ? ", " : "", clarificationLink(each)]),
    " only",
  );
}
