// Elements are built, never parsed from markup, so that a text can only become a text node.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "path", "rect", "line", "circle", "text", "title"]);

/** Makes an element. Functions (`onclick`) become listeners; null and false are left out. */
function h(tag, attributes, ...children) {
  const element = SVG_TAGS.has(tag)
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "href" && !value.startsWith("#")) throw new Error("link out of the page");
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return appendChildren(element, children);
}

function appendChildren(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** The address of a view: `#/requirement/FR-001?x=1`. Empty parameters are left out. */
function hrefTo(view, argument = "", parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value != null);
  const query = new URLSearchParams(given).toString();
  const path = encodeURIComponent(argument).replace(/%2F/g, "/").replace(/%3A/g, ":");
  return `#/${view}${path ? `/${path}` : ""}${query ? `?${query}` : ""}`;
}

function number(value) {
  return typeof value === "number" ? value.toLocaleString("en") : String(value);
}

function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Seconds with three significant digits, in the unit a person would choose. */
function duration(seconds) {
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds >= 1) return `${significant(seconds)} s`;
  if (seconds >= 0.001) return `${significant(seconds * 1000)} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

function significant(value) {
  if (typeof value !== "number") return String(value);
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** A `details` element whose content is made when it is first opened. */
function disclosure(summary, content, { open = false, kind = "" } = {}) {
  const element = h("details", { class: kind }, h("summary", null, summary));
  const renderOnce = () => {
    if (element.open && element.children.length === 1) element.append(content());
  };
  element.addEventListener("toggle", renderOnce);
  element.renderOnce = renderOnce;
  element.open = open;
  renderOnce();
  return element;
}

/** The elements of the first `limit` items, and a button that adds the next ones. */
function listWithMore(items, toElement, limit = 100) {
  const element = h("div", { class: "with-more" });
  const more = (from) => {
    element.append(...items.slice(from, from + limit).map(toElement));
    const left = items.length - from - limit;
    if (left <= 0) return;
    const button = h(
      "button",
      { type: "button" },
      `Show ${Math.min(left, limit)} more of ${number(left)}`,
    );
    button.addEventListener("click", () => {
      button.remove();
      more(from + limit);
    });
    element.append(button);
  };
  more(0);
  return element;
}

/** A table body with the rows of the first items, and a last row whose button adds the next. */
function tableBodyWithMore(items, toRow, limit = 300) {
  const body = h("tbody");
  const more = (from) => {
    body.append(...items.slice(from, from + limit).map(toRow));
    const left = items.length - from - limit;
    if (left <= 0) return;
    const button = h("button", { type: "button" }, `Show more: ${number(left)} are left`);
    const row = h("tr", null, h("td", { colspan: 20 }, button));
    button.addEventListener("click", () => {
      row.remove();
      more(from + limit);
    });
    body.append(row);
  };
  more(0);
  return body;
}

function copyButton(text) {
  const button = h("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy by hand";
    }
  });
  return button;
}
