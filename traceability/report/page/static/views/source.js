// The trace from code to requirements: every file, and for each line the requirements it ran for.

function sourceView(path, parameters) {
  if (!path) return sourceIndex();
  const source = sourceByPath.get(path);
  if (!source) return notFoundView(`No file ${path} in this report.`);
  const { executable, traced } = executableAndTraced(source);
  const starts = new Map();
  for (const region of source.regions) starts.set(region.first, region.requirements);
  const claims = new Map(
    source.definitions.flatMap((each) => each.claims.map((one) => [one.line, one.id])),
  );
  const margin = (line) => {
    if (starts.has(line)) return servedRequirements(starts.get(line));
    if (executable.has(line) && !traced.has(line))
      return h("span", { class: "untraced" }, "untraced");
    return "";
  };
  const idle = "ran for no requirement";
  const text = codeListing(source, { ran: traced, executable, margin, idle });
  const node = h(
    "article",
    { class: "file" },
    breadcrumbs(h("a", { href: hrefTo("source") }, "Source"), withBreaks(path)),
    h("h1", { tabindex: "-1" }, withBreaks(path)),
    h(
      "p",
      { class: "lead" },
      tracedSummary(executable, traced),
      " ",
      claims.size ? `${plural(claims.size, "claim")} in comments. ` : "",
      h("a", { href: hrefTo("matrix", "", { file: path }) }, "Its requirements in the matrix"),
    ),
    h(
      "p",
      { class: "quiet" },
      "Shaded, with a bar: ran for a requirement, which is named beside the first of such lines. ○ untraced: can run, but ran for no requirement.",
    ),
    source.text ? text.element : h("p", null, "The page has no text of this file."),
  );
  const update = (given) => {
    const line = Number(given.get("line"));
    node.querySelector(".code-line.target")?.classList.remove("target");
    const target = line ? text.blocks.find((at) => at === line) : null;
    target?.classList.add("target");
    if (target && !history.state?.y)
      requestAnimationFrame(() => target.scrollIntoView({ block: "center" }));
  };
  return { title: path, node, update };
}

/** The claims of a file without executable lines. */
function unmeasurableSummary({ definitions }) {
  const claims = definitions.reduce((sum, each) => sum + each.claims.length, 0);
  return claims ? `${plural(claims, "claim")}, not measurable` : "nothing to measure";
}

function tracedSummary(executable, traced) {
  if (executable.size === 0) return "No line of this file can be measured.";
  return `${number(traced.size)} of ${plural(executable.size, "executable line")} ran for a requirement, ${number(executable.size - traced.size)} for none.`;
}

function servedRequirements(ranges) {
  const count = countInRanges(ranges);
  const first = [];
  for (const at of expandRanges(ranges)) {
    if (first.length === 2) break;
    first.push(requirements[at]);
  }
  const rest = count - first.length;
  if (rest <= 0) return first.map((each) => [requirementLink(each), " "]);
  const all = [...expandRanges(ranges)].map((at) => requirements[at].id);
  return [
    first.slice(0, 1).map((each) => [requirementLink(each), " "]),
    h(
      "details",
      { class: "rest" },
      h("summary", { title: `and ${number(count - 1)} more` }, `+${number(count - 1)}`),
      listWithMore(
        all.slice(1),
        (id) => h("span", null, requirementLink(requirementById.get(id)), " "),
        100,
      ),
    ),
  ];
}

function sourceIndex() {
  const rows = sources.map((source) => ({ source, ...executableAndTraced(source) }));
  const largest = Math.max(1, ...rows.map((each) => each.executable.size));
  const total = DATA.summary;
  return {
    title: "Source",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Source"),
      h(
        "p",
        { class: "lead" },
        total.executable_lines
          ? `${number(total.traced_lines)} of ${number(total.executable_lines)} executable lines ran for a requirement; ${number(total.executable_lines - total.traced_lines)} ran for none.`
          : "No lines were measured.",
      ),
      h(
        "table",
        { class: "bars files" },
        tableBodyWithMore(rows, (row) => fileRow(row, largest)),
      ),
    ),
  };
}

function fileRow({ source, executable, traced }, largest) {
  const untraced = executable.size - traced.size;
  const parts = [
    [traced.size, "strong", "traced"],
    [untraced, "untested", "untraced"],
  ];
  return h(
    "tr",
    null,
    h(
      "th",
      { scope: "row" },
      h(
        "a",
        { class: "symbol", href: hrefTo("source", source.path), "data-item": true },
        withBreaks(source.path),
      ),
    ),
    h(
      "td",
      { class: "picture" },
      executable.size ? bar(parts, largest, `${traced.size} of ${executable.size}`) : null,
    ),
    h(
      "td",
      { class: "words" },
      executable.size
        ? `${number(traced.size)} of ${number(executable.size)}${untraced ? `, ${number(untraced)} untraced` : ""}`
        : unmeasurableSummary(source),
    ),
  );
}
