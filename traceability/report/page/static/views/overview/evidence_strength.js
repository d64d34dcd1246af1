// How strong the evidence is, over all requirements that something can show.

/** Links to the requirements that lack something; verified ones, which do not need it, apart. */
function lackingLinks(list, filter) {
  const needless = list.filter((each) => each.verdict === "verified").length;
  const link = (count, words, more) =>
    count
      ? [
          h("br"),
          h("a", { href: hrefTo("matrix", "", { ...filter, ...more }) }, number(count), words),
        ]
      : "";
  return [
    link(list.length - needless, " without", needless ? { sort: "verdict" } : {}),
    link(needless, " need none", { verdict: "verified" }),
  ];
}

/** Each row demands more evidence than the row before, and links to requirements that lack it. */
function evidenceStrength() {
  return h(
    "section",
    null,
    h("h2", null, "How strong the evidence is"),
    h("table", { class: "bars strengths" }, h("tbody", null, evidenceDemands().map(demandRow))),
    h("p", { class: "quiet" }, evidenceTotals()),
  );
}

/** Label, predicate of a requirement, and the matrix's filter for the requirements that lack it. */
function evidenceDemands() {
  const passed = (each) =>
    each.scenarios.length > 0 && each.scenarios.every((one) => one.result === "passed");
  return [
    ["Named by a scenario", (each) => each.scenarios.length > 0, { missing: "scenario" }],
    ["Every scenario of it ran and passed", passed, null],
    ["Code was seen to run for it", (each) => !MISSING.code[1](each), { missing: "code" }],
    [
      "Code that claims it was seen to run",
      (each) => !MISSING.proof[1](each),
      { missing: "proof" },
    ],
  ];
}

function demandRow([name, holds, filter]) {
  const total = notExcluded.length;
  const lacking = notExcluded.filter((each) => !holds(each));
  const count = total - lacking.length;
  const parts = [
    [count, "strong"],
    [lacking.length, "rest"],
  ];
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, name),
    h("td", { class: "picture" }, bar(parts, Math.max(total, 1), `${count} of ${total}`)),
    h(
      "td",
      { class: "words" },
      `${number(count)} of ${number(total)}`,
      filter ? lackingLinks(lacking, filter) : "",
    ),
  );
}

function evidenceTotals() {
  const total = DATA.summary;
  const exchangeCount = scenarios.reduce((sum, each) => sum + each.row[14].length, 0);
  const measurementCount = scenarios.reduce((sum, each) => sum + each.row[15].length, 0);
  return [
    `${number(total.scenarios)} scenarios: ${number(total.scenarios_passed)} passed, ${number(total.scenarios_failed)} failed, ${number(total.scenarios_not_run)} not run. `,
    `${plural(exchangeCount, "exchange")} over HTTP and ${plural(measurementCount, "measurement")} are kept below them. `,
    total.executable_lines
      ? [
          `${number(total.executable_lines - total.traced_lines)} of ${number(total.executable_lines)} lines of code ran for no requirement (`,
          h("a", { href: hrefTo("source") }, "see which"),
          ").",
        ]
      : "",
  ];
}
