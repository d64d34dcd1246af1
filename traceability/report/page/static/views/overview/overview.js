// The first view: the conclusion, the shortfalls, how strong the evidence is, and the environment.

const SHORTFALL_VERDICTS = DATA.strict
  ? ["failed", "differs", "untested", "not run", "unimplemented"]
  : ["failed", "untested", "not run", "unimplemented"];
const notExcluded = requirements.filter((each) => each.verdict !== "excluded");

function overview() {
  const inOrder = SHORTFALL_VERDICTS.flatMap((verdict) =>
    requirements.filter((each) => each.verdict === verdict),
  );
  const shortfalls = inOrder.toSorted((a, b) => Boolean(a.deviation) - Boolean(b.deviation));
  return {
    title: "Overview",
    node: h(
      "article",
      { class: "overview" },
      conclusionSection(shortfalls),
      changesSection(),
      failuresSection(),
      shortfalls.length ? shortfallsSection(shortfalls) : null,
      differencesSection(),
      h("div", { class: "columns" }, verdictsByKind(), evidenceStrength()),
      findingsSection(),
      limitsSection(),
      excludedSection(),
      environmentSection(),
    ),
  };
}

function conclusionSection(shortfalls) {
  const conformant = DATA.conformant;
  return h(
    "section",
    { class: `conclusion ${conformant ? "verified" : "failed"}` },
    h("p", { class: "quiet" }, DATA.spec.title),
    h(
      "h1",
      { tabindex: "-1" },
      verdictIcon(conformant ? "verified" : "failed"),
      conformant
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
        ? [" ", h("a", { href: hrefTo("findings") }, plural(findings.length, "finding")), "."]
        : " No finding.",
      shortfalls.length ? "" : " No requirement falls short.",
    ),
    h(
      "div",
      { class: "all-verdicts" },
      verdictBar(requirements, Math.max(1, requirements.length)),
      h("p", { class: "counts" }, verdictCounts(requirements)),
    ),
    entryList(environmentEntries().slice(0, 6), "facts brief"),
  );
}

/** The changes since the base run; null for a report without a base. */
function changesSection() {
  if (!DATA.changes) return null;
  const { sentence, worse, sections } = DATA.changes;
  return h(
    "section",
    { class: `changes-since-base ${worse ? "failed" : "verified"}` },
    h("h2", null, "What changed since the base"),
    h("p", null, verdictIcon(worse ? "failed" : "verified"), sentence),
    sections.map(([heading, list], at) =>
      disclosure(`${heading} (${number(list.length)})`, () => listWithMore(list, changeItem, 40), {
        open: at === 0 && list.length <= 12,
        kind: "change",
      }),
    ),
  );
}

function changeItem([subject, what, why]) {
  const requirement = requirementById.get(subject);
  return h(
    "div",
    { class: "change-item" },
    h(
      "p",
      null,
      requirement ? requirementLink(requirement) : h("span", null, withBreaks(subject)),
      " ",
      h("span", { class: "quiet" }, what),
    ),
    h("p", { class: "reason" }, codeMarkup(why)),
  );
}

function shortfallsSection(shortfalls) {
  return h(
    "section",
    null,
    h("h2", null, `What falls short (${number(shortfalls.length)})`),
    h(
      "ul",
      { class: "shortfalls" },
      shortfalls
        .slice(0, 8)
        .map((each) =>
          h(
            "li",
            null,
            h(
              "div",
              { class: "requirement-and-verdict" },
              requirementLink(each),
              verdictLabel(each.verdict),
            ),
            each.deviation ? h("p", { class: "known" }, knownDeviation(each)) : null,
            h("p", { class: "reason" }, each.reason),
            h("p", { class: "quiet promise" }, codeMarkup(each.text)),
          ),
        ),
    ),
    shortfalls.length > 8
      ? h(
          "p",
          null,
          "And more: ",
          SHORTFALL_VERDICTS.map((verdict) => [
            verdict,
            shortfalls.filter((each) => each.verdict === verdict).length,
          ])
            .filter(([, count]) => count)
            .map(([verdict, count], at) => [
              at ? ", " : "",
              h(
                "a",
                { href: hrefTo("matrix", "", { verdict }) },
                `all ${number(count)} ${verdict}`,
              ),
            ]),
        )
      : null,
  );
}

function findingsSection() {
  if (findings.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `Findings (${number(findings.length)})`),
    findingList(findings.slice(0, 10)),
    findings.length > 10
      ? h(
          "p",
          null,
          h("a", { href: hrefTo("findings") }, `All ${number(findings.length)} findings`),
        )
      : null,
  );
}

const LIMITS_SHOWN = 12;

function limitsSection() {
  const measured = scenarios
    .filter((each) => each.row[15].length)
    .flatMap(measurements)
    .filter((each) => each.limit !== null)
    .sort((a, b) => b.value / b.limit - a.value / a.limit);
  if (measured.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, "Measured against a limit, the closest to it first"),
    h(
      "div",
      { class: "measurements" },
      measured.slice(0, LIMITS_SHOWN).map((figure) =>
        h(
          "div",
          null,
          measurementBlock({ ...figure, detail: "" }),
          h(
            "p",
            { class: "quiet" },
            figure.scenario.requirements.slice(0, 4).map((each) => [requirementLink(each), " "]),
            h("a", { href: hrefTo("scenario", figure.scenario.id) }, figure.scenario.name),
          ),
        ),
      ),
    ),
    measured.length > LIMITS_SHOWN
      ? h(
          "p",
          { class: "quiet" },
          `And ${number(measured.length - LIMITS_SHOWN)} more, in their scenarios.`,
        )
      : null,
  );
}

function excludedSection() {
  const list = requirements.filter((each) => each.verdict === "excluded");
  if (list.length === 0) return null;
  return h(
    "section",
    null,
    h("h2", null, `Excluded by the spec itself (${number(list.length)})`),
    h(
      "ul",
      { class: "shortfalls" },
      list
        .slice(0, 20)
        .map((each) =>
          h(
            "li",
            null,
            h("div", { class: "requirement-and-verdict" }, requirementLink(each)),
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
            { href: hrefTo("matrix", "", { verdict: "excluded" }) },
            `All ${number(list.length)} excluded`,
          ),
        )
      : null,
  );
}
