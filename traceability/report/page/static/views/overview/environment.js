// What was judged, where and with what.

/** What a reader asks for first comes first; the rest as the run gave it. */
const FIRST = ["target", "commit", "database", "postgresql"];

function circumstances() {
  const flat = (value, name = "") =>
    value && typeof value === "object"
      ? Object.entries(value).flatMap(([key, inner]) =>
          flat(inner, Array.isArray(value) ? name : name ? `${name} ${key}` : key),
        )
      : [[name, value === null ? "unknown" : String(value)]];
  const order = ([name]) =>
    (FIRST.indexOf(name.split(" ")[0]) + FIRST.length + 1) % (FIRST.length + 1);
  return flat(DATA.environment).toSorted((a, b) => order(a) - order(b));
}

function environment() {
  const rows = [
    ...circumstances(),
    ["spec", DATA.spec.path],
    ["spec digest", DATA.spec.digest.slice(0, 12)],
  ];
  return h("section", null, h("h2", null, "Where this was shown"), facts(rows, "facts"));
}

function facts(rows, kind) {
  return h(
    "dl",
    { class: kind },
    rows.map(([name, value]) =>
      h("div", null, h("dt", null, name.replaceAll("_", " ")), h("dd", null, value)),
    ),
  );
}
