// Reads the tables of payload.py back into objects that refer to one another.

const DATA = JSON.parse(document.getElementById("data").textContent);
const text = (ref) => DATA.texts[ref];

/** The numbers of flat ranges: `[1, 3, 7, 7]` gives 1, 2, 3, 7. */
function* expandRanges(flat) {
  for (let at = 0; at < flat.length; at += 2)
    for (let value = flat[at]; value <= flat[at + 1]; value += 1) yield value;
}

function countInRanges(flat) {
  let total = 0;
  for (let at = 0; at < flat.length; at += 2) total += flat[at + 1] - flat[at] + 1;
  return total;
}

const headerPairs = (ref) => {
  const flat = DATA.headers[ref];
  return Array.from({ length: flat.length / 2 }, (_, at) => [
    text(flat[2 * at]),
    text(flat[2 * at + 1]),
  ]);
};

/** A path as it was called, mapped to the path template of its operation. */
const PATH_TEMPLATES = new Map();
for (let at = 0; at < DATA.operations.length; at += 2)
  PATH_TEMPLATES.set(text(DATA.operations[at]), text(DATA.operations[at + 1]));

const scenarios = DATA.scenarios.map((row, at) => {
  const feature = text(row[1]);
  const scenario = {
    at,
    id: row[0] ? text(row[0]) : `${feature}:${row[8]}`,
    feature,
    featureName: text(row[2]),
    rule: text(row[3]),
    name: text(row[4]),
    outline: text(row[5]),
    outlineLine: row[6],
    example: row[7] < 0 ? null : row[7],
    line: row[8],
    tags: text(row[9]) ? text(row[9]).split(" ") : [],
    result: DATA.results[row[10]],
    reason: text(row[11]),
    seconds: row[12] / 1e6,
    log: text(row[17]),
    requirements: [],
    clarifications: [],
    row,
  };
  scenario.operations = new Set(
    exchangesAfterGiven(scenario).map((each) => operation(text(each[1]), text(each[2]))),
  );
  return scenario;
});

/** The exchanges that count as evidence: those of the Given steps only prepare. */
function exchangesAfterGiven({ row }) {
  return row[14].filter(([step]) => step >= row[16]);
}

function operation(method, path) {
  return `${method} ${PATH_TEMPLATES.get(path) ?? path}`;
}

function steps(scenario) {
  return scenario.row[13].map((row) => {
    const [words, result, microseconds, message = 0, run = 0, mismatches = []] = row;
    const [, keyword, rest] = /^(\S+)\s?([^]*)$/.exec(text(words)) ?? ["", "", text(words)];
    return {
      keyword,
      text: rest,
      result: DATA.results[result],
      seconds: microseconds / 1e6,
      message: text(message),
      mismatches: mismatches.map((each) => {
        const [sentence, expected, actual] = each.map(text);
        return { sentence, expected, actual };
      }),
      runs: DATA.runs[run],
    };
  });
}

function exchanges(scenario) {
  return scenario.row[14].map((row) => ({
    step: row[0],
    method: text(row[1]),
    path: text(row[2]),
    operation: operation(text(row[1]), text(row[2])),
    request: { headers: headerPairs(row[3]), body: text(row[4]), length: row[5] },
    status: row[6],
    response: { headers: headerPairs(row[7]), body: text(row[8]), length: row[9] },
    seconds: row[10] / 1e6,
    error: text(row[11]),
    log: text(row[12]),
  }));
}

function measurements(scenario) {
  return scenario.row[15].map(([step, name, value, unit, limit, samples, detail]) => ({
    scenario,
    step,
    name: text(name),
    value,
    unit: text(unit),
    limit,
    samples: samples.filter((sample) => typeof sample === "number"),
    detail: text(detail),
  }));
}

/** The lines that ran while the scenario acted, by the path of their file. */
function executedLines(scenario) {
  const lines = new Map();
  for (const step of steps(scenario))
    for (let at = 0; at < step.runs.length; at += 2) {
      const path = text(step.runs[at]);
      if (!lines.has(path)) lines.set(path, new Set());
      for (const line of expandRanges(DATA.ranges[step.runs[at + 1]])) lines.get(path).add(line);
    }
  return lines;
}

const requirements = DATA.requirements.map((row, at) => ({
  at,
  id: row[0],
  kind: text(row[1]),
  text: text(row[2]),
  path: text(row[3]),
  line: row[4],
  verdict: DATA.verdicts[row[5]],
  reason: text(row[6]),
  excluded: text(row[7]),
  scenarios: [...expandRanges(DATA.ranges[row[8]])].map((position) => scenarios[position]),
  code: row[9].map((place) => ({
    path: text(place[0]),
    symbol: text(place[1]),
    first: place[2],
    last: place[3],
    claimed: Boolean(place[4] & 1),
    measured: Boolean(place[4] & 2),
    ranges: DATA.ranges[place[5]],
    requirementCount: place[6],
  })),
  deviation: text(row[10]),
}));
for (const requirement of requirements)
  for (const scenario of requirement.scenarios) scenario.requirements.push(requirement);

const clarifications = DATA.clarifications.map(([id, words, line, outcome, resting, without]) => ({
  id,
  text: text(words),
  line,
  outcome,
  scenarios: [...expandRanges(DATA.ranges[resting])].map((position) => scenarios[position]),
  withoutScenario: text(without),
}));
for (const clarification of clarifications)
  for (const scenario of clarification.scenarios) scenario.clarifications.push(clarification);

/** Why scenarios failed: each deviation once, the one that most scenarios show first. */
const failures = DATA.failures.map(([words, expected, actual, cases, shownBy, ids, rests]) => ({
  sentence: text(words),
  expected: text(expected),
  actual: text(actual),
  cases: cases.map(text),
  scenarios: [...expandRanges(DATA.ranges[shownBy])].map((position) => scenarios[position]),
  requirements: [...expandRanges(DATA.ranges[ids])].map((position) => requirements[position]),
  clarifications: clarifications.filter((each) => rests.includes(each.id)),
}));
const failuresOf = (requirement) =>
  failures.filter((each) => each.requirements.includes(requirement));

const sources = DATA.files.map(([path, content, executable, regions, definitions]) => {
  const traced = regions.map(([first, last, ids]) => ({
    first,
    last,
    requirements: DATA.ranges[ids],
  }));
  return {
    path: text(path),
    text: content,
    executable: DATA.ranges[executable],
    regions: traced,
    definitions: definitions.map(([symbol, first, last, claims, body]) => ({
      symbol: text(symbol),
      first,
      last,
      body,
      claims: claims.map(([id, line]) => ({ id: text(id), line })),
    })),
  };
});

const findings = DATA.findings.map(([kind, message, path, line]) => ({
  kind,
  message,
  path,
  line,
}));

/** Verified first, then the others, the worst first. */
const VERDICTS_IN_ORDER = DATA.verdicts.toSorted((a, b) => (b === "verified") - (a === "verified"));

const requirementById = new Map(requirements.map((each) => [each.id, each]));
const scenarioById = new Map(scenarios.map((each) => [each.id, each]));
const sourceByPath = new Map(sources.map((each) => [each.path, each]));
const KINDS = [...new Set(requirements.map((each) => each.kind))];
const KIND_NAMES = {
  FR: "Functional requirements",
  NFR: "Non-functional requirements",
  SR: "Security requirements",
  SC: "Success criteria",
  AS: "Acceptance scenarios",
  EC: "Edge cases",
  OS: "Out of scope",
  C: "Constraints",
};
const kindName = (kind) => KIND_NAMES[kind] ?? kind;

/** What `key` returns for the items, mapped to these items; both in their order. */
function groupBy(list, key) {
  const groups = new Map();
  for (const each of list) {
    if (!groups.has(key(each))) groups.set(key(each), []);
    groups.get(key(each)).push(each);
  }
  return groups;
}

/** The executable lines of a file, and those of them that ran for a requirement, as two sets. */
function executableAndTraced(source) {
  const executable = new Set(expandRanges(source.executable));
  const traced = new Set();
  for (const region of source.regions)
    for (const line of expandRanges([region.first, region.last]))
      if (executable.has(line)) traced.add(line);
  return { executable, traced };
}

/** What a requirement can lack: words and predicate. The keys are values of a filter's parameter. */
const MISSING = {
  scenario: ["no scenario", (each) => each.scenarios.length === 0],
  pass: ["a scenario failed", (each) => each.scenarios.some((one) => one.result === "failed")],
  run: ["a scenario did not run", (each) => each.scenarios.some((one) => one.result === "not run")],
  code: ["no code ran", (each) => !each.code.some((place) => place.measured)],
  claim: ["no code claims it", (each) => !each.code.some((place) => place.claimed)],
  proof: [
    "no claimed code ran",
    (each) => !each.code.some((place) => place.claimed && place.measured),
  ],
  stale: [
    "a claim that never ran",
    (each) => each.code.some((one) => one.claimed && !one.measured),
  ],
};
