// What the matrix can be filtered and sorted by.

const FEATURES = new Map(scenarios.map((each) => [each.feature, each.featureName]));
const OPERATIONS = [...new Set(scenarios.flatMap((each) => [...each.operations]))].sort();

const FILTERS = {
  kind: {
    label: "Kind",
    options: () => KINDS.map((kind) => [kind, kindName(kind)]),
    keeps: (each, kind) => each.kind === kind,
  },
  verdict: {
    label: "Verdict",
    options: () => DATA.verdicts.map((verdict) => [verdict, verdict]),
    keeps: (each, verdict) => each.verdict === verdict,
  },
  missing: {
    label: "What is missing",
    options: () => Object.entries(MISSING).map(([key, [words]]) => [key, words]),
    keeps: (each, key) => each.verdict !== "excluded" && Boolean(MISSING[key]?.[1](each)),
  },
  feature: {
    label: "Feature",
    options: () => [...FEATURES],
    keeps: (each, path) => each.scenarios.some((one) => one.feature === path),
  },
  endpoint: {
    label: "Endpoint",
    options: () => OPERATIONS.map((name) => [name, name]),
    keeps: (each, name) => each.scenarios.some((one) => one.operations.has(name)),
  },
  file: {
    label: "File",
    options: () => sources.map((each) => [each.path, each.path]),
    keeps: (each, path) => each.code.some((found) => found.path === path),
  },
};

const WORST = new Map(DATA.verdicts.map((verdict, at) => [verdict, at]));
const SORTS = {
  id: (each) => each.at,
  verdict: (each) => WORST.get(each.verdict),
  scenarios: (each) => each.scenarios.length,
  code: (each) => each.code.length,
};

function chosenRows(chosen, parameters, q) {
  const terms = q.toLowerCase().split(/\s+/).filter(Boolean);
  return requirements.filter((each) => {
    if (!chosen.every((key) => FILTERS[key].keeps(each, parameters.get(key)))) return false;
    if (terms.length === 0) return true;
    return terms.every((term) => haystack(each).includes(term));
  });
}

/** All words that a requirement is found by in the matrix, in lower case. */
function haystack(each) {
  each.haystack ??= [
    each.id,
    each.text,
    ...each.scenarios.slice(0, 200).map((one) => one.name),
    ...each.code.map((one) => one.symbol),
  ]
    .join("\n")
    .toLowerCase();
  return each.haystack;
}

function sorted(rows, sort) {
  const by = SORTS[sort.replace("-", "")];
  if (!by) return rows;
  const turn = sort[0] === "-" ? -1 : 1;
  return rows.toSorted((a, b) => turn * (by(a) - by(b)) || a.at - b.at);
}

function chip(key, value, change) {
  const label = FILTERS[key]?.label ?? "Words";
  const words = FILTERS[key]?.options().find(([option]) => option === value)?.[1] ?? value;
  return h(
    "button",
    {
      type: "button",
      class: "chip",
      onclick: () => change({ [key]: "" }),
      "aria-label": `Remove the filter ${label}: ${words}`,
    },
    `${label}: ${words}`,
    h("span", { "aria-hidden": "true" }, " ×"),
  );
}
