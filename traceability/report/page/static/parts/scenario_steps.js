// The steps of a scenario, and under each step its message, exchanges and measurements.

// Nearly every request and answer has these headers, so they are folded.
const TRANSPORT_HEADERS = new Set([
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
function scenarioSteps(scenario, { open = false } = {}) {
  const recordedExchanges = exchanges(scenario);
  const recordedMeasurements = measurements(scenario);
  const list = steps(scenario).map((step, at) =>
    h(
      "li",
      { class: `step ${slug(step.result)}`, id: `step-${scenario.at}-${at}` },
      h(
        "div",
        { class: "line" },
        verdictIcon(step.result, step.result),
        h("p", null, h("span", { class: "keyword" }, step.keyword), " ", step.text),
        h(
          "span",
          { class: "time" },
          step.result === "not run" ? "not run" : duration(step.seconds),
        ),
      ),
      step.mismatches.length
        ? step.mismatches.map((each) => mismatchBlock(each))
        : step.message && h("pre", { class: "message", tabindex: "0" }, step.message),
      exchangeList(
        recordedExchanges.filter((each) => each.step === at),
        open && at >= scenario.row[16],
      ),
      recordedMeasurements.filter((each) => each.step === at).map(measurementBlock),
    ),
  );
  return h("ol", { class: "steps" }, list);
}

/** What was wrong in one sentence, and side by side what was expected and what came. */
function mismatchBlock({ sentence, expected, actual }) {
  const side = (name, words) =>
    words
      ? h("div", null, h("dt", { class: "label" }, name), h("dd", null, h("pre", null, words)))
      : null;
  return h(
    "div",
    { class: "mismatch" },
    sentence ? h("p", { class: "reason" }, sentence) : null,
    expected || actual
      ? h("dl", { class: "sides" }, side("Expected", expected), side("Came", actual))
      : null,
  );
}

function exchangeList(list, open) {
  if (list.length === 0) return null;
  return listWithMore(
    list,
    (each, at) => exchangeBlock(each, open && list.length < 4 && at < 3),
    25,
  );
}

function exchangeBlock(exchange, open) {
  const summary = [
    h("span", { class: "method" }, exchange.method),
    h("span", { class: "path" }, withBreaks(exchange.path)),
    statusLabel(exchange.status),
    h("span", { class: "time" }, duration(exchange.seconds)),
  ];
  const content = () =>
    h(
      "div",
      { class: "wire" },
      httpMessage("Request", `${exchange.method} ${exchange.path}`, exchange.request),
      exchange.error
        ? h(
            "section",
            null,
            h("p", { class: "label" }, "No answer"),
            h("pre", { class: "message" }, exchange.error),
          )
        : httpMessage("Answer", `${exchange.status}`, exchange.response),
      logExcerpt("What the server logged", exchange.log),
      h(
        "section",
        { class: "curl" },
        h("p", { class: "label" }, "As a command ", copyButton(curlCommand(exchange))),
        h("pre", { tabindex: "0" }, curlCommand(exchange)),
      ),
    );
  return disclosure(summary, content, { open, kind: "exchange" });
}

/** The last lines of the server's log, beside an error of its own or a set-up that failed. */
function logExcerpt(title, lines) {
  if (!lines) return null;
  return h(
    "section",
    { class: "log" },
    h("p", { class: "label" }, title),
    h("pre", { class: "message", tabindex: "0" }, lines),
  );
}

function statusLabel(status) {
  if (!status) return h("span", { class: "status none" }, "no answer");
  return h("span", { class: `status s${Math.floor(status / 100)}` }, String(status));
}

function httpMessage(title, firstLine, { headers, body, length }) {
  const shownHeaders = headers.filter(([name]) => !TRANSPORT_HEADERS.has(name.toLowerCase()));
  const otherHeaders = headers.filter(([name]) => TRANSPORT_HEADERS.has(name.toLowerCase()));
  return h(
    "section",
    null,
    h("p", { class: "label" }, title),
    h("p", { class: "start" }, firstLine),
    headerList(shownHeaders),
    otherHeaders.length
      ? disclosure(plural(otherHeaders.length, "more header"), () => headerList(otherHeaders), {
          kind: "more",
        })
      : null,
    body
      ? h("pre", { class: "body", tabindex: "0" }, indentedJson(body))
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

/** Deeper levels are indented as this one: the white space must not outgrow the body. */
const DEEPEST_INDENTED = 40;
const TRUNCATED = /… ‹\d+ more characters›$/;

/**
 * JSON with line breaks added and nothing else changed: numbers and duplicate keys stay as sent. A
 * body that was truncated when it was recorded is indented if it begins like JSON.
 */
function indentedJson(body) {
  const complete = !TRUNCATED.test(body);
  try {
    if (complete) JSON.parse(body);
    else if (!/^\s*[[{]/.test(body)) return body;
  } catch {
    return body;
  }
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.min(depth, DEEPEST_INDENTED))}`;
  // A text that was cut goes on to the end: it must not be read again from each quote in it.
  const tokens = body.match(/"(?:[^"\\]|\\[^])*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
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

/** The exchange as a curl command; address and token are shell variables that the reader sets. */
function curlCommand({ method, path, request }) {
  const words = [
    "curl -i --path-as-is",
    `-X ${shellQuoted(method)}`,
    `"$BASE_URL"${shellQuoted(path)}`,
  ];
  for (const [name, value] of request.headers) {
    if (TRANSPORT_HEADERS.has(name.toLowerCase())) continue;
    if (name.toLowerCase() === "authorization") {
      const scheme = value.split(" ")[0];
      words.push(
        /^[A-Za-z]+$/.test(scheme)
          ? `-H "Authorization: ${scheme} $TOKEN"`
          : '-H "Authorization: $TOKEN"',
      );
    } else words.push(`-H ${shellQuoted(`${name}: ${value}`)}`);
  }
  if (request.body) {
    if (!request.headers.some(([name]) => name.toLowerCase() === "content-type"))
      words.push("-H 'Content-Type:'");
    words.push(`--data-raw ${shellQuoted(request.body)}`);
  }
  return words.join(" \\\n  ");
}

function shellQuoted(word) {
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

/** The clarifications on which a scenario rests; null where it shows the requirement itself. */
function restsOn(scenario) {
  if (scenario.clarifications.length === 0) return null;
  return scenario.clarifications.map((each) =>
    h("p", { class: "quiet" }, "Rests on ", clarificationLink(each), ": ", codeMarkup(each.text)),
  );
}

/** A scenario in one line that unfolds into its steps. */
function scenarioBlock(scenario, { open = false } = {}) {
  const summary = [
    verdictIcon(scenario.result, scenario.result),
    h("span", { class: "name" }, scenario.name),
    scenario.clarifications.length
      ? h("span", { class: "strength" }, scenario.clarifications.map(({ id }) => id).join(", "))
      : null,
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
        h("a", { href: hrefTo("scenario", scenario.id) }, withBreaks(scenario.id)),
        scenario.rule ? ` in “${scenario.rule}”` : "",
      ),
      restsOn(scenario),
      scenario.reason ? h("p", { class: "reason" }, scenario.reason) : null,
      logExcerpt("End of the server's log", scenario.log),
      scenarioSteps(scenario, { open }),
    );
  return disclosure(summary, content, { open, kind: `scenario ${slug(scenario.result)}` });
}
