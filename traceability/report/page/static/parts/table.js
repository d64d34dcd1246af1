// A table. Above VIRTUAL_ABOVE rows, only those near the viewport are elements.

const VIRTUAL_ABOVE = 250;
let shownTable = null;

class Table {
  /** `columns`: `{key, label, name, cell}`; a column with `key` can be sorted by its heading. */
  constructor({ kind, label, columns, onSort = null }) {
    this.columns = columns;
    this.onSort = onSort;
    this.rows = [];
    this.focusedRow = -1;
    this.rowHeight = 0;
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

  setRows(rows, sort = "") {
    this.rows = rows;
    this.focusedRow = -1;
    this.virtual = rows.length > VIRTUAL_ABOVE;
    this.element.classList.toggle("virtual", this.virtual);
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    this.head.replaceChildren(...this.columns.map((column) => this.headerCell(column, sort)));
    this.renderedRange = "";
    this.allRendered = false;
    this.render();
  }

  headerCell({ key, label }, sort) {
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

  render(all = false) {
    const total = this.rows.length;
    if (!this.virtual || all) {
      this.renderedRange = "";
      if (all || !this.allRendered)
        this.body.replaceChildren(...this.rows.map((_, at) => this.row(at)));
      this.allRendered = true;
      return;
    }
    this.allRendered = false;
    if (!this.rowHeight) {
      this.body.replaceChildren(this.row(0));
      this.rowHeight = this.body.firstChild.offsetHeight || 64;
    }
    const above = -this.body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(total, Math.floor(above / this.rowHeight)) - 8);
    const last = Math.min(total, first + Math.ceil(window.innerHeight / this.rowHeight) + 16);
    if (this.renderedRange === `${first}-${last}`) return;
    this.renderedRange = `${first}-${last}`;
    const rows = Array.from({ length: last - first }, (_, at) => this.row(first + at));
    this.body.replaceChildren(this.spacerRow(first), ...rows, this.spacerRow(total - last));
  }

  spacerRow(count) {
    const row = h("tr", { class: "spacer", "aria-hidden": "true" });
    row.style.height = `${count * this.rowHeight}px`;
    return row;
  }

  /** Focuses the link of the next row, or with -1 of the row before. */
  focusRow(by) {
    const focused =
      this.body.contains(document.activeElement) && document.activeElement.closest("tr");
    if (focused) this.focusedRow = Number(focused.dataset.at);
    let next = this.focusedRow + by;
    while (this.rows[next]?.heading) next += by;
    if (!this.rows[next]) return;
    this.focusedRow = next;
    if (this.virtual) {
      const top = this.body.getBoundingClientRect().top + window.scrollY + next * this.rowHeight;
      if (
        top < window.scrollY + 120 ||
        top > window.scrollY + window.innerHeight - 2 * this.rowHeight
      )
        window.scrollTo(0, top - window.innerHeight / 3);
      this.render();
    }
    this.body.querySelector(`[data-at="${next}"] a`)?.focus();
  }
}

window.addEventListener("scroll", () => shownTable?.render(), { passive: true });
window.addEventListener("resize", () => {
  if (!shownTable?.virtual) return;
  shownTable.rowHeight = 0;
  shownTable.renderedRange = "";
  shownTable.render();
});
window.addEventListener("beforeprint", () => shownTable?.render(true));
window.addEventListener("afterprint", () => shownTable?.render());
