// Operations and status codes, and the scenarios that showed each pair.

function scenariosByStatus() {
  const table = new Map();
  for (const scenario of scenarios)
    for (const row of exchangesAfterGiven(scenario)) {
      const name = operation(text(row[1]), text(row[2]));
      const status = row[6] || "none";
      if (!table.has(name)) table.set(name, new Map());
      const seen = table.get(name);
      if (!seen.has(status)) seen.set(status, new Set());
      seen.get(status).add(scenario);
    }
  return table;
}

function endpointsView() {
  const table = [...scenariosByStatus()];
  const statuses = [...new Set(table.flatMap(([, seen]) => [...seen.keys()]))].sort();
  // A scenario calls such an operation to show that it does not exist.
  const neverFound = ([, seen]) =>
    [...seen.keys()].every((status) => [401, 404, 405].includes(status));
  const route = ([name]) => name.slice(name.indexOf(" ") + 1);
  const inOrder = table.toSorted(
    (a, b) => route(a).localeCompare(route(b)) || a[0].localeCompare(b[0]),
  );
  return {
    title: "Endpoints",
    node: h(
      "article",
      null,
      h("h1", { tabindex: "-1" }, "Endpoints"),
      h(
        "p",
        { class: "lead" },
        table.length
          ? "Which operation was seen to answer with which status code, and in how many scenarios: follow a number to them. Calls that only prepare a scenario do not count."
          : "No exchange was recorded.",
      ),
      statusGrid(
        inOrder.filter((each) => !neverFound(each)),
        statuses,
      ),
      inOrder.some(neverFound)
        ? [
            h("h2", null, "Asked for, and never there"),
            h(
              "p",
              { class: "quiet" },
              "Paths and methods that were only ever answered with 401, 404 or 405.",
            ),
            statusGrid(inOrder.filter(neverFound), statuses),
          ]
        : null,
    ),
  };
}

function statusGrid(rows, statuses) {
  if (rows.length === 0) return null;
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "group", "aria-label": "Operations and status codes" },
    h(
      "table",
      { class: "grid" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", { scope: "col" }, "Operation"),
          statuses.map((status) => h("th", { scope: "col" }, statusLabel(Number(status) || 0))),
        ),
      ),
      tableBodyWithMore(rows, ([name, byStatus]) =>
        h(
          "tr",
          null,
          h(
            "th",
            { scope: "row" },
            h(
              "a",
              { class: "symbol", href: hrefTo("endpoint", name), "data-item": true },
              withBreaks(name),
            ),
          ),
          statuses.map((status) =>
            h("td", null, scenarioCount(name, status, byStatus.get(status))),
          ),
        ),
      ),
    ),
  );
}

/** How many scenarios showed this status code, as a link to them. */
function scenarioCount(name, status, found) {
  if (!found) return h("span", { class: "nothing", "aria-label": "none" }, "·");
  return h(
    "a",
    {
      href: hrefTo("endpoint", name, { status }),
      "aria-label": `${plural(found.size, "scenario")} with ${status}`,
    },
    number(found.size),
  );
}

function endpointView(name, parameters) {
  const byStatus = scenariosByStatus().get(name);
  if (!byStatus) return notFoundView(`No exchange with ${name}.`);
  const table = new Table({ kind: "scenario-rows", label: "Scenarios", columns: SCENARIO_COLUMNS });
  const choices = h("p", { class: "chips" });
  const count = h("p", { class: "quiet", role: "status" });
  const update = (given) => {
    const status = given.get("status") ?? "";
    const link = (value, words) =>
      h(
        "a",
        {
          class: "chip",
          "aria-current": value === status ? "true" : null,
          href: hrefTo("endpoint", name, { status: value }),
        },
        words,
      );
    choices.replaceChildren(
      link("", "any status"),
      ...[...byStatus.keys()]
        .sort()
        .map((each) => link(String(each), each === "none" ? "no answer" : each)),
    );
    const chosen = [...byStatus]
      .filter(([each]) => !status || String(each) === status)
      .flatMap(([, list]) => [...list]);
    const list = [...new Set(chosen)].sort((a, b) => a.at - b.at);
    count.textContent = plural(list.length, "scenario");
    table.setRows(list);
  };
  const node = h(
    "article",
    null,
    breadcrumbs(h("a", { href: hrefTo("endpoints") }, "Endpoints")),
    h("h1", { tabindex: "-1", class: "symbol" }, withBreaks(name)),
    choices,
    h(
      "p",
      null,
      h("a", { href: hrefTo("matrix", "", { endpoint: name }) }, "Its requirements in the matrix"),
    ),
    count,
    table.element,
  );
  return { title: name, node, update };
}
