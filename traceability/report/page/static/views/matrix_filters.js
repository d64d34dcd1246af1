// The filters and sort keys of the matrix.

const FEATURE_NAMES = new Map(scenarios.map((each) => [each.feature, each.featureName]));
const OPERATIONS = [...new Set(scenarios.flatMap((each) => [...each.operations]))].sort();

const FILTERS = {
  kind: {
    label: "Kind",
    options: () => KINDS.map((kind) => [kind, kindName(kind)]),
    matches: (each, kind) => each.kind === kind,
  },
  verdict: {
    label: "Verdict",
    options: () => DATA.verdicts.map((verdict) => [verdict, verdict]),
    matches: (each, verdict) => each.verdict === verdict,
  },
  clarification: {
    label: "Clarification",
    options: () =>
      clarifications
        .filter((each) => each.scenarios.length)
        .map(({ id, outcome }) => [id, outcome === "kept" ? id : `${id}, ${outcome}`]),
    matches: (each, id) =>
      each.scenarios.some((one) => one.clarifications.some((rested) => rested.id === id)),
  },
  missing: {
    label: "What is missing",
    options: () => Object.entries(MISSING).map(([key, [words]]) => [key, words]),
    matches: (each, key) => each.verdict !== "excluded" && Boolean(MISSING[key]?.[1](each)),
  },
  feature: {
    label: "Feature",
    options: () => [...FEATURE_NAMES],
    matches: (each, path) => each.scenarios.some((one) => one.feature === path),
  },
  endpoint: {
    label: "Endpoint",
    options: () => OPERATIONS.map((name) => [name, name]),
    matches: (each, name) => each.scenarios.some((one) => one.operations.has(name)),
  },
  file: {
    label: "File",
    options: () => sources.map((each) => [each.path, each.path]),
    matches: (each, path) => each.code.some((place) => place.path === path),
  },
};

const VERDICT_ORDER = new Map(DATA.verdicts.map((verdict, at) => [verdict, at]));
const SORT_KEYS = {
  id: (each) => each.at,
  verdict: (each) => VERDICT_ORDER.get(each.verdict),
  scenarios: (each) => each.scenarios.length,
  code: (each) => each.code.length,
};

function filteredRequirements(chosen, parameters, q) {
  const terms = q.toLowerCase().split(/\s+/).filter(Boolean);
  return requirements.filter((each) => {
    if (!chosen.every((key) => FILTERS[key].matches(each, parameters.get(key)))) return false;
    if (terms.length === 0) return true;
    return terms.every((term) => searchText(each).includes(term));
  });
}

/** The text that the matrix's words filter searches for a requirement, in lower case. */
function searchText(each) {
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

function sortedRequirements(rows, sort) {
  const key = SORT_KEYS[sort.replace("-", "")];
  if (!key) return rows;
  const direction = sort[0] === "-" ? -1 : 1;
  return rows.toSorted((a, b) => direction * (key(a) - key(b)) || a.at - b.at);
}

function filterChip(key, value, changeFilters) {
  const label = FILTERS[key]?.label ?? "Words";
  const words = FILTERS[key]?.options().find(([option]) => option === value)?.[1] ?? value;
  return h(
    "button",
    {
      type: "button",
      class: "chip",
      onclick: () => changeFilters({ [key]: "" }),
      "aria-label": `Remove the filter ${label}: ${words}`,
    },
    `${label}: ${words}`,
    h("span", { "aria-hidden": "true" }, " ×"),
  );
}
