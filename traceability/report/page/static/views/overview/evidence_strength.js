// How strong the evidence is, over all requirements that something can show.

/** Those that lack something, apart from those that are verified all the same: they need none. */
function without(list, filter) {
  const needless = list.filter((each) => each.verdict === "verified").length;
  const link = (count, words, more) =>
    count
      ? [h("br"), h("a", { href: to("matrix", "", { ...filter, ...more }) }, number(count), words)]
      : "";
  return [
    link(list.length - needless, " without", needless ? { sort: "verdict" } : {}),
    link(needless, " need none", { verdict: "verified" }),
  ];
}

/** Each row asks for more than the one before; what is lacking is one click away. */
function strengths() {
  const passed = (each) =>
    each.scenarios.length > 0 && each.scenarios.every((one) => one.result === "passed");
  const rows = [
    ["Named by a scenario", (each) => each.scenarios.length > 0, { missing: "scenario" }],
    ["Every scenario of it ran and passed", passed, null],
    ["Code was seen to run for it", (each) => !MISSING.code[1](each), { missing: "code" }],
    [
      "Code that claims it was seen to run",
      (each) => !MISSING.proof[1](each),
      { missing: "proof" },
    ],
  ];
  const total = DATA.summary;
  const exchanged = scenarios.reduce((sum, each) => sum + each.raw[14].length, 0);
  const figures = scenarios.reduce((sum, each) => sum + each.raw[15].length, 0);
  return h(
    "section",
    null,
    h("h2", null, "How strong the evidence is"),
    h(
      "table",
      { class: "bars strengths" },
      h(
        "tbody",
        null,
        rows.map(([name, holds, lacking]) => {
          const count = counted.filter(holds).length;
          const left = counted.length - count;
          return h(
            "tr",
            null,
            h("th", { scope: "row" }, name),
            h(
              "td",
              { class: "picture" },
              bar(
                [
                  [count, "strong"],
                  [left, "rest"],
                ],
                Math.max(counted.length, 1),
                `${count} of ${counted.length}`,
              ),
            ),
            h(
              "td",
              { class: "words" },
              `${number(count)} of ${number(counted.length)}`,
              lacking
                ? without(
                    counted.filter((each) => !holds(each)),
                    lacking,
                  )
                : "",
            ),
          );
        }),
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      `${number(total.scenarios)} scenarios: ${number(total.scenarios_passed)} passed, ${number(total.scenarios_failed)} failed, ${number(total.scenarios_not_run)} not run. `,
      `${plural(exchanged, "exchange")} over HTTP and ${plural(figures, "measurement")} are kept below them. `,
      total.executable_lines
        ? [
            `${number(total.executable_lines - total.traced_lines)} of ${number(total.executable_lines)} lines of code ran for no requirement (`,
            h("a", { href: to("source") }, "see which"),
            ").",
          ]
        : "",
    ),
  );
}
