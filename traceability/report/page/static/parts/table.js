// A table whose rows exist only where they can be seen, once there are too many of them.

const MANY = 250;
let shownTable = null;

class Table {
  /** `columns`: `{key, label, cell}`; `key` is the sort that its heading asks for, if any. */
  constructor({ kind, label, columns, onSort = null }) {
    this.columns = columns;
    this.onSort = onSort;
    this.rows = [];
    this.active = -1;
    this.height = 0;
    this.head = h("tr", { role: "row" });
    this.body = h("tbody", { role: "rowgroup" });
    this.element = h(
      "table",
      { class: `rows ${kind}`, role: "table", "aria-label": label },
      h("thead", { role: "rowgroup" }, this.head),
      this.body,
    );
    shownTable = this;
  }

  set(rows, sort = "") {
    this.rows = rows;
    this.active = -1;
    this.virtual = rows.length > MANY;
    this.element.classList.toggle("virtual", this.virtual);
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    this.head.replaceChildren(...this.columns.map((column) => this.headCell(column, sort)));
    this.painted = "";
    this.whole = false;
    this.paint();
  }

  headCell({ key, label }, sort) {
    const sorted =
      sort.replace("-", "") === key ? (sort[0] === "-" ? "descending" : "ascending") : null;
    const next = sorted === "ascending" ? `-${key}` : key;
    const button = (name) =>
      h(
        "button",
        { type: "button", onclick: () => this.onSort(next) },
        name,
        h("span", { "aria-hidden": "true" }, sorted === "ascending" ? " ↑" : sorted ? " ↓" : ""),
      );
    return h(
      "th",
      { scope: "col", role: "columnheader", "aria-sort": sorted },
      key && this.onSort ? button(label) : label,
    );
  }

  row(at) {
    const item = this.rows[at];
    if (item.heading)
      return h(
        "tr",
        { class: "group", role: "row", "aria-rowindex": at + 2 },
        h(
          "th",
          { role: "rowheader", scope: "rowgroup", colspan: this.columns.length },
          item.heading,
        ),
      );
    return h(
      "tr",
      { role: "row", "aria-rowindex": at + 2, "data-at": at },
      this.columns.map(({ cell, name }) =>
        h("td", { role: "cell", class: name }, h("div", { class: "cell" }, cell(item))),
      ),
    );
  }

  paint(all = false) {
    const total = this.rows.length;
    if (!this.virtual || all) {
      this.painted = "";
      if (all || !this.whole) this.body.replaceChildren(...this.rows.map((_, at) => this.row(at)));
      this.whole = true;
      return;
    }
    this.whole = false;
    if (!this.height) {
      this.body.replaceChildren(this.row(0));
      this.height = this.body.firstChild.offsetHeight || 64;
    }
    const above = -this.body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(total, Math.floor(above / this.height)) - 8);
    const last = Math.min(total, first + Math.ceil(window.innerHeight / this.height) + 16);
    if (this.painted === `${first}-${last}`) return;
    this.painted = `${first}-${last}`;
    const rows = Array.from({ length: last - first }, (_, at) => this.row(first + at));
    this.body.replaceChildren(this.spacer(first), ...rows, this.spacer(total - last));
  }

  spacer(count) {
    const row = h("tr", { class: "spacer", "aria-hidden": "true" });
    row.style.height = `${count * this.height}px`;
    return row;
  }

  /** Puts the focus on the link of the next row (or, with -1, of the one before). */
  move(by) {
    const focused =
      this.body.contains(document.activeElement) && document.activeElement.closest("tr");
    if (focused) this.active = Number(focused.dataset.at);
    let next = this.active + by;
    while (this.rows[next]?.heading) next += by;
    if (!this.rows[next]) return;
    this.active = next;
    if (this.virtual) {
      const top = this.body.getBoundingClientRect().top + window.scrollY + next * this.height;
      if (top < window.scrollY + 120 || top > window.scrollY + window.innerHeight - 2 * this.height)
        window.scrollTo(0, top - window.innerHeight / 3);
      this.paint();
    }
    this.body.querySelector(`[data-at="${next}"] a`)?.focus();
  }
}

window.addEventListener("scroll", () => shownTable?.paint(), { passive: true });
window.addEventListener("resize", () => {
  if (!shownTable?.virtual) return;
  shownTable.height = 0;
  shownTable.painted = "";
  shownTable.paint();
});
window.addEventListener("beforeprint", () => shownTable?.paint(true));
window.addEventListener("afterprint", () => shownTable?.paint());
