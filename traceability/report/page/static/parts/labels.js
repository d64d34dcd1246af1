// Labels, icons, bars and links. Word and icon tell a verdict; the colour only repeats it.

const ICON_PATHS = {
  verified: "M3.5 8.5 6.5 11.5 12.5 4.5",
  passed: "M3.5 8.5 6.5 11.5 12.5 4.5",
  failed: "M4 4 12 12M12 4 4 12",
  differs: "M3 6H13M3 10H13M10.5 2.5 5.5 13.5",
  untested: "M8 2.5a5.5 5.5 0 1 0 .01 0Z",
  "not run": "M3 8H13",
  unimplemented: "M8 2.5 14 13H2Z",
  excluded: "M8 2.5a5.5 5.5 0 1 0 .01 0ZM4.2 11.8 11.8 4.2",
};

const slug = (verdict) => verdict.replace(" ", "-");

function verdictIcon(verdict, label = "") {
  return h(
    "svg",
    {
      class: `icon ${slug(verdict)}`,
      viewBox: "0 0 16 16",
      role: label ? "img" : null,
      "aria-label": label || null,
      "aria-hidden": label ? null : "true",
    },
    h("path", { d: ICON_PATHS[verdict] ?? "" }),
  );
}

function verdictLabel(verdict) {
  return h("span", { class: `verdict ${slug(verdict)}` }, verdictIcon(verdict), verdict);
}

/** Why a failure is accepted; null unless it is a known deviation. */
function knownDeviation({ deviation }) {
  return deviation ? ["Known deviation: ", deviation] : null;
}

function requirementLink(requirement) {
  return h(
    "a",
    {
      class: "id",
      href: hrefTo("requirement", requirement.id),
      title: `${requirement.verdict}: ${requirement.text}`,
    },
    verdictIcon(requirement.verdict, requirement.verdict),
    requirement.id,
  );
}

/** A clarification, as a link to the requirements of the scenarios that rest on it. */
function clarificationLink({ id, text: words }) {
  return h("a", { class: "id", href: hrefTo("matrix", "", { clarification: id }), title: words }, id);
}

/** The count of each verdict, as a link to the matrix that filters by it and by `filters`. */
function verdictCounts(list, filters = {}) {
  return VERDICTS_IN_ORDER.map((verdict) => [
    verdict,
    list.filter((each) => each.verdict === verdict).length,
  ])
    .filter(([, count]) => count)
    .map(([verdict, count]) => [
      h(
        "a",
        { class: `count ${slug(verdict)}`, href: hrefTo("matrix", "", { ...filters, verdict }) },
        verdictIcon(verdict),
        `${number(count)} ${verdict}`,
      ),
      " ",
    ]);
}

/** "5 of 5 passed", "1 of 5 failed", or where some did not run: "3 of 3 run passed, 2 not run". */
function resultSummary(list) {
  const count = (result) => list.filter((each) => each.result === result).length;
  const [passed, failed, notRun] = ["passed", "failed", "not run"].map(count);
  if (list.length === 0) return "no scenario";
  if (passed + failed === 0) return `none run, ${number(notRun)} not run`;
  const run = number(passed + failed) + (notRun ? " run" : "");
  const words = failed
    ? `${number(failed)} of ${run} failed`
    : `${number(passed)} of ${run} passed`;
  return notRun ? `${words}, ${number(notRun)} not run` : words;
}

/** A bar of parts side by side: `[[value, class, title], …]` on a scale of `total`. */
function bar(parts, total, label) {
  const drawn = h("span", { class: "bar", role: "img", "aria-label": label });
  for (const [value, kind, title] of parts) {
    if (!value) continue;
    const part = h("span", { class: `part ${slug(kind)}`, title });
    part.style.width = `${(100 * value) / total}%`;
    drawn.append(part);
  }
  return drawn;
}

function resultBar(list, total = list.length) {
  const parts = ["passed", "failed", "not run"].map((result) => {
    const count = list.filter((each) => each.result === result).length;
    return [count, result, `${number(count)} ${result}`];
  });
  return bar(parts, Math.max(total, 1), resultSummary(list));
}

/** `path:line`, as a link if the page has this scenario, file or spec. */
function placeLink(path, line) {
  const words = line ? `${path}:${line}` : path;
  const scenario = scenarioById.get(words);
  const kind = { class: "place" };
  if (scenario)
    return h("a", { ...kind, href: hrefTo("scenario", scenario.id) }, withBreaks(words));
  if (sourceByPath.has(path))
    return h("a", { ...kind, href: hrefTo("source", path, { line }) }, withBreaks(words));
  if (path === DATA.spec.path)
    return h("a", { ...kind, href: hrefTo("spec", "", { line }) }, withBreaks(words));
  return h("span", kind, withBreaks(words));
}

/** A path or symbol, with line breaks allowed after `/`, `.` and `_`. */
function withBreaks(words) {
  return words.split(/(?<=[/._])/).flatMap((part, at) => (at ? [h("wbr"), part] : [part]));
}

function breadcrumbs(...parts) {
  return h(
    "nav",
    { class: "crumbs", "aria-label": "Where you are" },
    parts
      .filter(Boolean)
      .map((part, at) => [at ? h("span", { "aria-hidden": "true" }, " / ") : "", part]),
  );
}
