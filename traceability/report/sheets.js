// A long text whose blocks exist only near what can be seen, once there are too many of them.

const PER_SHEET = 40;
let shownSheets = null;

class Sheets {
  /** `make` turns a block into an element; `guess` says how high one is before it was made. */
  constructor(blocks, make, { kind = "", guess = 40 } = {}) {
    this.make = make;
    this.sheets = [];
    this.element = h("div", { class: kind });
    this.many = blocks.length > MANY;
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
    shownSheets = this;
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

  fillAll() {
    if (this.element.isConnected) this.sheets.forEach((sheet) => this.fill(sheet));
  }
}

window.addEventListener("beforeprint", () => shownSheets?.fillAll());
