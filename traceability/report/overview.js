// The first minute: what was promised, what was shown, how strong it is, and what is missing.

const SHORT = ["failed", "untested", "not run", "unimplemented"];
const counted = requirements.filter((each) => each.verdict !== "excluded");

function overview() {
  const short = SHORT.flatMap((verdict) => requirements.filter((each) => each.verdict === verdict));
  const good = DATA.conformant;
  return {
    title: "Overview",
    node: h(
      "article",
      { class: "overview" },
      h(
        "section",
        { class: `judgement ${good ? "verified" : "failed"}` },
        h("p", { class: "quiet" }, DATA.spec.title),
        h(
          "h1",
          { tabindex: "-1" },
          mark(good ? "verified" : "failed"),
          good ? "Everything promised was shown" : "Not everything promised was shown",
        ),
        h(
          "p",
          { class: "sentence" },
          DATA.sentence,
          findings.length ? ` ${plural(findings.length, "finding")}.` : "",
        ),
      ),
      h("div", { class: "columns" }, kinds(), strengths()),
      fallsShort(short),
      findings.length
        ? h(
            "section",
            null,
            h("h2", null, `Findings (${number(findings.length)})`),
            findingList(findings.slice(0, 10)),
            findings.length > 10
              ? h(
                  "p",
                  null,
                  h("a", { href: to("findings") }, `All ${number(findings.length)} findings`),
                )
              : null,
          )
        : null,
      limits(),
      excludedOnes(),
      environment(),
    ),
  };
}

function fallsShort(short) {
  const words = findings.length ? "No requirement falls short." : "Nothing falls short.";
  return h(
    "section",
    null,
    h("h2", null, short.length ? `What falls short (${number(short.length)})` : "What falls short"),
    short.length === 0
      ? h("p", null, words)
      : h(
          "ul",
          { class: "short" },
          short
            .slice(0, 12)
            .map((each) =>
              h(
                "li",
                null,
                h("div", { class: "who" }, requirementLink(each), verdictWord(each.verdict)),
                h("p", { class: "reason" }, each.reason),
                h("p", { class: "quiet promise" }, each.text),
              ),
            ),
        ),
    short.length > 12
      ? h(
          "p",
          null,
          "And more: ",
          SHORT.map((verdict) => [verdict, short.filter((each) => each.verdict === verdict).length])
            .filter(([, count]) => count)
            .map(([verdict, count], at) => [
              at ? ", " : "",
              h("a", { href: to("matrix", "", { verdict }) }, `all ${number(count)} ${verdict}`),
            ]),
        )
      : null,
  );
}

function kinds() {
  const largest = Math.max(
    ...KINDS.map((kind) => requirements.filter((each) => each.kind === kind).length),
  );
  return h(
    "section",
    null,
    h("h2", null, "What was promised, and its verdict"),
    h(
      "table",
      { class: "bars" },
      h(
        "thead",
        { class: "hidden" },
        h(
          "tr",
          null,
          ["Kind", "Verdicts"].map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        null,
        KINDS.map((kind) => {
          const mine = requirements.filter((each) => each.kind === kind);
          const parts = DATA.verdicts
            .toSorted((a, b) => (b === "verified") - (a === "verified"))
            .map((verdict) => [mine.filter((each) => each.verdict === verdict).length, verdict])
            .filter(([count]) => count);
          const words = parts.map(([count, verdict]) => `${number(count)} ${verdict}`).join(", ");
          return h(
            "tr",
            null,
            h("th", { scope: "row" }, h("a", { href: to("matrix", "", { kind }) }, kindName(kind))),
            h(
              "td",
              { class: "picture" },
              bar(
                parts.map(([count, verdict]) => [count, verdict, `${number(count)} ${verdict}`]),
                largest,
                words,
              ),
              h(
                "p",
                { class: "counts" },
                parts.map(([count, verdict]) => [
                  h(
                    "a",
                    { class: `count ${slug(verdict)}`, href: to("matrix", "", { kind, verdict }) },
                    mark(verdict),
                    `${number(count)} ${verdict}`,
                  ),
                  " ",
                ]),
              ),
            ),
          );
        }),
      ),
    ),
  );
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
              left && lacking
                ? [h("br"), h("a", { href: to("matrix", "", lacking) }, `${number(left)} without`)]
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

function limits() {
  const figures = scenarios
    .filter((each) => each.raw[15].length)
    .flatMap(measurements)
    .filter((each) => each.limit !== null);
  if (figures.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, "Measured against a limit"),
    h(
      "div",
      { class: "figures" },
      figures.slice(0, 8).map((figure) =>
        h(
          "div",
          null,
          figureBlock({ ...figure, detail: "" }),
          h(
            "p",
            { class: "quiet" },
            figure.scenario.requirements.slice(0, 4).map((each) => [requirementLink(each), " "]),
            h("a", { href: to("scenario", figure.scenario.id) }, figure.scenario.name),
          ),
        ),
      ),
    ),
  );
}

function excludedOnes() {
  const list = requirements.filter((each) => each.verdict === "excluded");
  if (list.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `Excluded by the spec itself (${number(list.length)})`),
    h(
      "ul",
      { class: "short" },
      list
        .slice(0, 30)
        .map((each) =>
          h(
            "li",
            null,
            h("div", { class: "who" }, requirementLink(each)),
            h("p", { class: "reason" }, each.excluded || each.reason),
          ),
        ),
    ),
  );
}

function environment() {
  const flat = (value, name = "") =>
    value && typeof value === "object"
      ? Object.entries(value).flatMap(([key, inner]) =>
          flat(inner, Array.isArray(value) ? name : name ? `${name} ${key}` : key),
        )
      : [[name, value === null ? "unknown" : String(value)]];
  const rows = [
    ...flat(DATA.environment),
    ["spec", DATA.spec.path],
    ["spec digest", DATA.spec.digest],
  ];
  return h(
    "section",
    null,
    h("h2", null, "Where this was shown"),
    h(
      "dl",
      { class: "facts" },
      rows.map(([name, value]) =>
        h("div", null, h("dt", null, name.replaceAll("_", " ")), h("dd", null, value)),
      ),
    ),
  );
}

function findingList(list) {
  return h(
    "ul",
    { class: "findings" },
    list.map(({ kind, message, path, line }) =>
      h("li", null, h("strong", null, kind), " ", message, " ", path ? place(path, line) : ""),
    ),
  );
}

function findingsView() {
  const groups = grouped(findings, (each) => each.kind);
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
          gradually(
            list,
            (each) =>
              h(
                "div",
                { class: "finding" },
                h("p", null, each.message),
                each.path ? h("p", { class: "quiet" }, place(each.path, each.line)) : null,
              ),
            200,
          ),
        ),
      ),
    ),
  };
}

function grouped(list, key) {
  const groups = new Map();
  for (const each of list) {
    if (!groups.has(key(each))) groups.set(key(each), []);
    groups.get(key(each)).push(each);
  }
  return groups;
}
