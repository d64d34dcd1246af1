// What was done and what was answered: a scenario's steps, and under each its exchanges.

// Said on every request and answer, and never what a requirement is about.
const PLUMBING = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-length",
  "date",
  "host",
  "keep-alive",
  "server",
  "transfer-encoding",
  "user-agent",
]);

/** The scenario as Gherkin, step by step; `open` unfolds its exchanges. */
function gherkin(scenario, { open = false } = {}) {
  const exchanged = exchanges(scenario);
  const figures = measurements(scenario);
  const list = steps(scenario).map((step, at) =>
    h(
      "li",
      { class: `step ${slug(step.result)}`, id: `step-${scenario.at}-${at}` },
      h(
        "div",
        { class: "line" },
        mark(step.result, step.result),
        h("p", null, h("span", { class: "keyword" }, step.keyword), " ", step.text),
        h(
          "span",
          { class: "time" },
          step.result === "not run" ? "not run" : duration(step.seconds),
        ),
      ),
      step.message ? h("pre", { class: "message", tabindex: "0" }, step.message) : null,
      exchangesOf(
        exchanged.filter((each) => each.step === at),
        open && at >= scenario.raw[16],
      ),
      figures.filter((each) => each.step === at).map(figureBlock),
    ),
  );
  return h("ol", { class: "steps" }, list);
}

function exchangesOf(list, open) {
  if (list.length === 0) return null;
  return gradually(list, (each, at) => exchangeBlock(each, open && list.length < 4 && at < 3), 25);
}

function exchangeBlock(exchange, open) {
  const summary = [
    h("span", { class: "method" }, exchange.method),
    h("span", { class: "path" }, breakable(exchange.path)),
    statusWord(exchange.status),
    h("span", { class: "time" }, duration(exchange.seconds)),
  ];
  const content = () =>
    h(
      "div",
      { class: "wire" },
      message("Request", `${exchange.method} ${exchange.path}`, exchange.request),
      exchange.error
        ? h(
            "section",
            null,
            h("p", { class: "label" }, "No answer"),
            h("pre", { class: "message" }, exchange.error),
          )
        : message("Answer", `${exchange.status}`, exchange.response),
      h(
        "section",
        { class: "curl" },
        h("p", { class: "label" }, "As a command ", copyButton(curl(exchange))),
        h("pre", { tabindex: "0" }, curl(exchange)),
      ),
    );
  return disclosure(summary, content, { open, kind: "exchange" });
}

function statusWord(status) {
  if (!status) return h("span", { class: "status none" }, "no answer");
  return h("span", { class: `status s${Math.floor(status / 100)}` }, String(status));
}

function message(title, first, { headers, body, length }) {
  const matter = headers.filter(([name]) => !PLUMBING.has(name.toLowerCase()));
  const rest = headers.filter(([name]) => PLUMBING.has(name.toLowerCase()));
  return h(
    "section",
    null,
    h("p", { class: "label" }, title),
    h("p", { class: "start" }, first),
    headerList(matter),
    rest.length
      ? disclosure(plural(rest.length, "more header"), () => headerList(rest), { kind: "more" })
      : null,
    body
      ? h("pre", { class: "body", tabindex: "0" }, indented(body))
      : h("p", { class: "quiet" }, "No body"),
    length > body.length
      ? h(
          "p",
          { class: "quiet" },
          `Cut here: the first ${number(body.length)} of ${number(length)} characters.`,
        )
      : null,
  );
}

function headerList(headers) {
  if (headers.length === 0) return null;
  return h(
    "dl",
    { class: "headers" },
    headers.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
  );
}

const CUT = /… ‹\d+ more characters›$/;

/**
 * JSON with line breaks added and nothing else touched: numbers and doubled keys stay as sent. What
 * was cut when it was recorded looked like JSON up to there, and is shown as such.
 */
function indented(body) {
  const whole = !CUT.test(body);
  try {
    if (whole) JSON.parse(body);
    else if (!/^\s*[[{]/.test(body)) return body;
  } catch {
    return body;
  }
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = body.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return tokens
    .map((token, at) => {
      if (token === "{" || token === "[") {
        depth += 1;
        return "}]".includes(tokens[at + 1]) ? token : token + line();
      }
      if (token === "}" || token === "]") {
        depth -= 1;
        return "{[".includes(tokens[at - 1]) ? token : line() + token;
      }
      return token === "," ? token + line() : token === ":" ? ": " : token;
    })
    .join("");
}

/** The exchange as something to paste into a shell, with the address and token left to fill in. */
function curl({ method, path, request }) {
  const words = ["curl -i --path-as-is", `-X ${shell(method)}`, `"$BASE_URL"${shell(path)}`];
  for (const [name, value] of request.headers) {
    if (PLUMBING.has(name.toLowerCase())) continue;
    if (name.toLowerCase() === "authorization") {
      const scheme = value.split(" ")[0];
      words.push(
        /^[A-Za-z]+$/.test(scheme)
          ? `-H "Authorization: ${scheme} $TOKEN"`
          : '-H "Authorization: $TOKEN"',
      );
    } else words.push(`-H ${shell(`${name}: ${value}`)}`);
  }
  if (request.body) {
    if (!request.headers.some(([name]) => name.toLowerCase() === "content-type"))
      words.push("-H 'Content-Type:'");
    words.push(`--data-raw ${shell(request.body)}`);
  }
  return words.join(" \\\n  ");
}

function shell(word) {
  if (/^[\w./:=@%-]+$/.test(word)) return word;
  if (!/[\u0000-\u001f\u007f]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word
    .replace(/[\\']/g, "\\$&")
    .replace(
      /[\u0000-\u001f\u007f]/g,
      (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
  return `$'${escaped}'`;
}

/** One line for a scenario that unfolds into its steps. */
function scenarioBlock(scenario, { open = false } = {}) {
  const summary = [
    mark(scenario.result, scenario.result),
    h("span", { class: "name" }, scenario.name),
    h(
      "span",
      { class: "time" },
      scenario.result === "not run" ? "not run" : duration(scenario.seconds),
    ),
  ];
  const content = () =>
    h(
      "div",
      { class: "inside" },
      h(
        "p",
        { class: "quiet" },
        h("a", { href: to("scenario", scenario.id) }, breakable(scenario.id)),
        scenario.rule ? ` in “${scenario.rule}”` : "",
      ),
      scenario.reason ? h("p", { class: "reason" }, scenario.reason) : null,
      gherkin(scenario, { open }),
    );
  return disclosure(summary, content, { open, kind: `scenario ${slug(scenario.result)}` });
}
