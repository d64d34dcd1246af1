// Measurements as small pictures: where the samples lie, and how far away the limit is.

// Chosen once, so that the words in a chart are as large as those around it.
const WIDTH = window.innerWidth < 640 ? 330 : 640;
const HEIGHT = 96;
const BASE = 70;

function measured(value, unit) {
  if (unit === "s" && typeof value === "number") return duration(value);
  return `${significant(value)}${unit ? ` ${unit}` : ""}`;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** The figure in words: what came out, of how many, and what was allowed. */
function figureWords(figure) {
  const parts = [h("strong", null, measured(figure.value, figure.unit))];
  if (figure.limit !== null) {
    const kept = typeof figure.value === "number" && figure.value <= figure.limit;
    parts.push(
      kept ? ", within the limit of " : ", beyond the limit of ",
      measured(figure.limit, figure.unit),
    );
  }
  if (figure.samples.length > 1) {
    const sorted = [...figure.samples].sort((a, b) => a - b);
    parts.push(
      `; ${number(sorted.length)} samples, median ${measured(quantile(sorted, 0.5), figure.unit)}`,
      `, 95th percentile ${measured(quantile(sorted, 0.95), figure.unit)}`,
      `, largest ${measured(sorted.at(-1), figure.unit)}`,
    );
  }
  return parts;
}

/** A scale for positive values far apart is logarithmic, otherwise it starts at zero. */
function scale(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 20) {
    const [from, until] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high * 1.05))];
    const ticks = Array.from({ length: until - from + 1 }, (_, at) => 10 ** (from + at));
    return {
      x: (value) => (WIDTH * (Math.log10(value) - from)) / (until - from),
      ticks,
      log: true,
    };
  }
  const until = (high > 0 ? high : 1) * 1.1;
  const step = 10 ** Math.floor(Math.log10(until / 2));
  const size = [1, 2, 5].map((each) => each * step).find((each) => until / each <= 6) ?? 5 * step;
  const ticks = Array.from({ length: Math.floor(until / size) + 1 }, (_, at) => at * size);
  return { x: (value) => (WIDTH * Math.max(value, 0)) / until, ticks, log: false };
}

function histogram(samples, x) {
  const bins = new Map();
  for (const sample of samples) {
    const bin = Math.floor(x(sample) / 8);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const tallest = Math.max(...bins.values());
  return [...bins].map(([bin, count]) => {
    const height = Math.max(3, (count / tallest) * (BASE - 22));
    return h("rect", { class: "sample", x: bin * 8, y: BASE - height, width: 7, height });
  });
}

function chart(figure) {
  const samples = figure.samples.length ? figure.samples : [figure.value];
  const values = [...samples, figure.value, figure.limit].filter(
    (each) => typeof each === "number",
  );
  const { x, ticks, log } = scale(values);
  const limitAt = figure.limit === null ? null : x(figure.limit);
  const anchor = limitAt > WIDTH / 2 ? "end" : "start";
  return h(
    "svg",
    {
      class: "chart",
      viewBox: `-8 0 ${WIDTH + 24} ${HEIGHT}`,
      role: "img",
      "aria-label": figure.name,
    },
    h("line", { class: "axis", x1: 0, x2: WIDTH, y1: BASE, y2: BASE }),
    ticks.map((tick, at) => [
      h("line", { class: "axis", x1: x(tick), x2: x(tick), y1: BASE, y2: BASE + 5 }),
      h(
        "text",
        {
          class: "tick",
          x: x(tick),
          y: BASE + 20,
          "text-anchor": at === 0 ? "start" : at === ticks.length - 1 && log ? "end" : "middle",
        },
        measured(tick, figure.unit),
      ),
    ]),
    histogram(samples, x),
    limitAt === null
      ? null
      : [
          h("line", { class: "limit", x1: limitAt, x2: limitAt, y1: 4, y2: BASE + 5 }),
          h(
            "text",
            {
              class: "limit-name",
              x: limitAt + (anchor === "end" ? -6 : 6),
              y: 15,
              "text-anchor": anchor,
            },
            `limit ${measured(figure.limit, figure.unit)}`,
          ),
        ],
  );
}

function figureBlock(figure) {
  const drawn = typeof figure.value === "number" && (figure.samples.length > 1 || figure.limit > 0);
  return h(
    "figure",
    { class: "measurement" },
    h(
      "figcaption",
      null,
      h("span", { class: "name" }, `${figure.name}:`),
      " ",
      figureWords(figure),
    ),
    drawn ? chart(figure) : null,
    figure.detail ? h("pre", { class: "detail", tabindex: "0" }, figure.detail) : null,
  );
}
