// Charts of measurements: the distribution of the samples, and their distance to the limit.

// Chosen once by the window, so that a chart is hardly scaled and its text has the page's size.
const CHART_WIDTH = window.innerWidth < 640 ? 330 : 640;
const CHART_HEIGHT = 96;
const BASELINE = 70;

function withUnit(value, unit) {
  if (unit === "s" && typeof value === "number") return duration(value);
  return `${significant(value)}${unit ? ` ${unit}` : ""}`;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** A measurement in words: its value, its limit, and quantiles of its samples. */
function measurementSummary(measurement) {
  const parts = [h("strong", null, withUnit(measurement.value, measurement.unit))];
  if (measurement.limit !== null) {
    const within = typeof measurement.value === "number" && measurement.value <= measurement.limit;
    parts.push(
      within ? ", within the limit of " : ", beyond the limit of ",
      withUnit(measurement.limit, measurement.unit),
    );
  }
  if (measurement.samples.length > 1) {
    const sorted = [...measurement.samples].sort((a, b) => a - b);
    parts.push(
      `; ${number(sorted.length)} samples, median ${withUnit(quantile(sorted, 0.5), measurement.unit)}`,
      `, 95th percentile ${withUnit(quantile(sorted, 0.95), measurement.unit)}`,
      `, largest ${withUnit(sorted.at(-1), measurement.unit)}`,
    );
  }
  return parts;
}

/** The scale of a chart: logarithmic for positive values far apart, else linear from zero. */
function scale(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 20) {
    const [from, until] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high * 1.05))];
    const ticks = Array.from({ length: until - from + 1 }, (_, at) => 10 ** (from + at));
    return {
      x: (value) => (CHART_WIDTH * (Math.log10(value) - from)) / (until - from),
      ticks,
      log: true,
    };
  }
  const until = (high > 0 ? high : 1) * 1.1;
  const step = 10 ** Math.floor(Math.log10(until / 2));
  const size = [1, 2, 5].map((each) => each * step).find((each) => until / each <= 6) ?? 5 * step;
  const ticks = Array.from({ length: Math.floor(until / size) + 1 }, (_, at) => at * size);
  return { x: (value) => (CHART_WIDTH * Math.max(value, 0)) / until, ticks, log: false };
}

function histogram(samples, x) {
  const bins = new Map();
  for (const sample of samples) {
    const bin = Math.floor(x(sample) / 8);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const largest = Math.max(...bins.values());
  return [...bins].map(([bin, count]) => {
    const height = Math.max(3, (count / largest) * (BASELINE - 22));
    return h("rect", { class: "sample", x: bin * 8, y: BASELINE - height, width: 7, height });
  });
}

function measurementChart(measurement) {
  const { samples, value, limit, unit, name } = measurement;
  const drawn = samples.length ? samples : [value];
  const numbers = [...drawn, value, limit].filter((each) => typeof each === "number");
  const { x, ticks, log } = scale(numbers);
  return h(
    "svg",
    {
      class: "chart",
      viewBox: `-8 0 ${CHART_WIDTH + 24} ${CHART_HEIGHT}`,
      role: "img",
      "aria-label": name,
    },
    h("line", { class: "axis", x1: 0, x2: CHART_WIDTH, y1: BASELINE, y2: BASELINE }),
    axisTicks(ticks, { x, log, unit }),
    histogram(drawn, x),
    limit === null ? null : limitLine(x(limit), withUnit(limit, unit)),
  );
}

function axisTicks(ticks, { x, log, unit }) {
  return ticks.map((tick, at) => [
    h("line", { class: "axis", x1: x(tick), x2: x(tick), y1: BASELINE, y2: BASELINE + 5 }),
    h(
      "text",
      {
        class: "tick",
        x: x(tick),
        y: BASELINE + 20,
        "text-anchor": at === 0 ? "start" : at === ticks.length - 1 && log ? "end" : "middle",
      },
      withUnit(tick, unit),
    ),
  ]);
}

function limitLine(x, words) {
  const anchor = x > CHART_WIDTH / 2 ? "end" : "start";
  return [
    h("line", { class: "limit", x1: x, x2: x, y1: 4, y2: BASELINE + 5 }),
    h(
      "text",
      { class: "limit-name", x: x + (anchor === "end" ? -6 : 6), y: 15, "text-anchor": anchor },
      `limit ${words}`,
    ),
  ];
}

function measurementBlock(measurement) {
  const drawn =
    typeof measurement.value === "number" &&
    (measurement.samples.length > 1 || measurement.limit > 0);
  return h(
    "figure",
    { class: "measurement" },
    h(
      "figcaption",
      null,
      h("span", { class: "name" }, `${measurement.name}:`),
      " ",
      measurementSummary(measurement),
    ),
    drawn ? measurementChart(measurement) : null,
    measurement.detail ? h("pre", { class: "detail", tabindex: "0" }, measurement.detail) : null,
  );
}
