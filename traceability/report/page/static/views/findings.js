// The findings: defects of the trace itself.

function findingList(list) {
  return h(
    "ul",
    { class: "findings" },
    list.map(({ kind, message, path, line }) =>
      h("li", null, h("strong", null, kind), " ", message, " ", path ? placeLink(path, line) : ""),
    ),
  );
}

function findingsView() {
  const groups = groupBy(findings, (each) => each.kind);
  return {
    title: "Findings",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Findings"),
      h(
        "p",
        { class: "lead" },
        findings.length
          ? "What is wrong with the trace itself. A finding fails the run."
          : "None. Every tag, claim and scenario leads somewhere, and everything parsed was run.",
      ),
      [...groups].map(([kind, list]) =>
        h(
          "section",
          null,
          h("h2", null, `${kind} (${number(list.length)})`),
          listWithMore(
            list,
            (each) =>
              h(
                "div",
                { class: "finding" },
                h("p", null, each.message),
                each.path ? h("p", { class: "quiet" }, placeLink(each.path, each.line)) : null,
              ),
            200,
          ),
        ),
      ),
    ),
  };
}
