// A long text whose blocks exist only near what can be seen, once there are too many of them.

const PER_SHEET = 40;
const manySheets = new Set();

class Sheets {
  /**
   * `make` turns a block into an element; `guess` says how high one is before it was made; up to
   * `many` of them are made at once.
   */
  constructor(blocks, make, { kind = "", guess = 40, many = MANY } = {}) {
    this.make = make;
    this.sheets = [];
    this.element = h("div", { class: kind });
    this.many = blocks.length > many;
    for (let at = 0; at < blocks.length; at += PER_SHEET) {
      const sheet = h("div", { class: "sheet" });
      sheet.blocks = blocks.slice(at, at + PER_SHEET);
      sheet.style.minHeight = this.many ? `${sheet.blocks.length * guess}px` : "";
      this.sheets.push(sheet);
      this.element.append(sheet);
      if (!this.many) this.fill(sheet);
    }
    this.observer = new IntersectionObserver((seen) => seen.forEach((one) => this.turn(one)), {
      rootMargin: "1200px 0px",
    });
    if (this.many) this.sheets.forEach((sheet) => this.observer.observe(sheet));
    if (this.many) manySheets.add(this);
  }

  fill(sheet) {
    if (sheet.firstChild) return;
    sheet.append(...sheet.blocks.map(this.make));
    sheet.style.minHeight = "";
  }

  turn({ isIntersecting, target }) {
    if (isIntersecting) this.fill(target);
    else if (target.firstChild && !target.contains(document.activeElement)) {
      target.style.minHeight = `${target.offsetHeight}px`;
      target.replaceChildren();
    }
  }

  /** Makes sure that the block for which `wanted` holds is there, and returns its element. */
  find(wanted) {
    for (const sheet of this.sheets) {
      const at = sheet.blocks.findIndex(wanted);
      if (at < 0) continue;
      this.fill(sheet);
      return sheet.children[at];
    }
    return null;
  }

  /** For print. What is no longer shown is forgotten. */
  fillAll() {
    if (this.element.isConnected) this.sheets.forEach((sheet) => this.fill(sheet));
    else manySheets.delete(this);
  }
}

window.addEventListener("beforeprint", () => manySheets.forEach((each) => each.fillAll()));
