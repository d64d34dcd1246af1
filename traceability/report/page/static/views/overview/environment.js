// The environment of the run: target, commit, database, versions, digest of the spec.

/** These entries come first, because readers look for them first; the others keep their order. */
const FIRST_KEYS = ["target", "commit", "database", "postgresql"];

function environmentEntries() {
  const flatten = (value, name = "") =>
    value && typeof value === "object"
      ? Object.entries(value).flatMap(([key, inner]) =>
          flatten(inner, Array.isArray(value) ? name : name ? `${name} ${key}` : key),
        )
      : [[name, value === null ? "unknown" : String(value)]];
  const order = ([name]) =>
    (FIRST_KEYS.indexOf(name.split(" ")[0]) + FIRST_KEYS.length + 1) % (FIRST_KEYS.length + 1);
  return flatten(DATA.environment).toSorted((a, b) => order(a) - order(b));
}

function environmentSection() {
  const rows = [
    ...environmentEntries(),
    ["spec", DATA.spec.path],
    ["spec digest", DATA.spec.digest.slice(0, 12)],
  ];
  return h("section", null, h("h2", null, "Where this was shown"), entryList(rows, "facts"));
}

function entryList(rows, kind) {
  return h(
    "dl",
    { class: kind },
    rows.map(([name, value]) =>
      h("div", null, h("dt", null, name.replaceAll("_", " ")), h("dd", null, value)),
    ),
  );
}
