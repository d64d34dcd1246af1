// The first minute: what was promised, what was shown, how strong it is, and what is missing.

const SHORT = ["failed", "untested", "not run", "unimplemented"];
const counted = requirements.filter((each) => each.verdict !== "excluded");

function overview() {
  const found = SHORT.flatMap((verdict) => requirements.filter((each) => each.verdict === verdict));
  const short = found.toSorted((a, b) => Boolean(a.deviation) - Boolean(b.deviation));
  return {
    title: "Overview",
    node: h(
      "article",
      { class: "overview" },
      judgement(short),
      changes(),
      short.length ? fallsShort(short) : null,
      h("div", { class: "columns" }, promised(), strengths()),
      foundWrong(),
      limits(),
      excludedOnes(),
      environment(),
    ),
  };
}

function judgement(short) {
  const good = DATA.conformant;
  return h(
    "section",
    { class: `judgement ${good ? "verified" : "failed"}` },
    h("p", { class: "quiet" }, DATA.spec.title),
    h(
      "h1",
      { tabindex: "-1" },
      mark(good ? "verified" : "failed"),
      good
        ? "Everything promised was shown"
        : DATA.acceptable
          ? "Accepted, with known deviations"
          : "Not everything promised was shown",
    ),
    h(
      "p",
      { class: "sentence" },
      DATA.sentence,
      findings.length
        ? [" ", h("a", { href: to("findings") }, plural(findings.length, "finding")), "."]
        : " No finding.",
      short.length ? "" : " No requirement falls short.",
    ),
    h(
      "div",
      { class: "whole" },
      verdictBar(requirements, Math.max(1, requirements.length)),
      h("p", { class: "counts" }, verdictCounts(requirements)),
    ),
    facts(circumstances().slice(0, 6), "facts brief"),
  );
}

/** What changed since the run that this one was held against, if it was. */
function changes() {
  if (!DATA.changes) return null;
  const { sentence, worse, sections } = DATA.changes;
  return h(
    "section",
    { class: `since ${worse ? "failed" : "verified"}` },
    h("h2", null, "What changed since the base"),
    h("p", null, mark(worse ? "failed" : "verified"), sentence),
    sections.map(([heading, list], at) =>
      disclosure(`${heading} (${number(list.length)})`, () => gradually(list, changedItem, 40), {
        open: at === 0 && list.length <= 12,
        kind: "change",
      }),
    ),
  );
}

function changedItem([subject, what, why]) {
  const requirement = byId.get(subject);
  return h(
    "div",
    { class: "changed" },
    h(
      "p",
      null,
      requirement ? requirementLink(requirement) : h("span", null, breakable(subject)),
      " ",
      h("span", { class: "quiet" }, what),
    ),
    h("p", { class: "reason" }, withCode(why)),
  );
}

function fallsShort(short) {
  return h(
    "section",
    null,
    h("h2", null, `What falls short (${number(short.length)})`),
    h(
      "ul",
      { class: "short" },
      short
        .slice(0, 8)
        .map((each) =>
          h(
            "li",
            null,
            h("div", { class: "who" }, requirementLink(each), verdictWord(each.verdict)),
            each.deviation ? h("p", { class: "known" }, knownDeviation(each)) : null,
            h("p", { class: "reason" }, each.reason),
            h("p", { class: "quiet promise" }, withCode(each.text)),
          ),
        ),
    ),
    short.length > 8
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

function foundWrong() {
  if (findings.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `Findings (${number(findings.length)})`),
    findingList(findings.slice(0, 10)),
    findings.length > 10
      ? h("p", null, h("a", { href: to("findings") }, `All ${number(findings.length)} findings`))
      : null,
  );
}

const FIGURES = 12;

function limits() {
  const figures = scenarios
    .filter((each) => each.raw[15].length)
    .flatMap(measurements)
    .filter((each) => each.limit !== null)
    .sort((a, b) => b.value / b.limit - a.value / a.limit);
  if (figures.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, "Measured against a limit, the closest to it first"),
    h(
      "div",
      { class: "figures" },
      figures.slice(0, FIGURES).map((figure) =>
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
    figures.length > FIGURES
      ? h(
          "p",
          { class: "quiet" },
          `And ${number(figures.length - FIGURES)} more, in their scenarios.`,
        )
      : null,
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
        .slice(0, 20)
        .map((each) =>
          h(
            "li",
            null,
            h("div", { class: "who" }, requirementLink(each)),
            h("p", { class: "reason" }, each.excluded || each.reason),
          ),
        ),
    ),
    list.length > 20
      ? h(
          "p",
          null,
          h(
            "a",
            { href: to("matrix", "", { verdict: "excluded" }) },
            `All ${number(list.length)} excluded`,
          ),
        )
      : null,
  );
}
