// A long text of blocks. Once there are too many blocks, only those near the viewport are elements.

const BLOCKS_PER_CHUNK = 40;
const lazyBlocksShown = new Set();

class LazyBlocks {
  /**
   * `toElement` turns a block into an element. Above `lazyAbove` blocks, the elements are made
   * chunk by chunk; `blockHeight` is the estimated height of a block, in pixels, until then.
   */
  constructor(blocks, toElement, { kind = "", blockHeight = 40, lazyAbove = VIRTUAL_ABOVE } = {}) {
    this.toElement = toElement;
    this.chunks = [];
    this.element = h("div", { class: kind });
    this.lazy = blocks.length > lazyAbove;
    for (let at = 0; at < blocks.length; at += BLOCKS_PER_CHUNK) {
      const chunk = h("div", { class: "chunk" });
      chunk.blocks = blocks.slice(at, at + BLOCKS_PER_CHUNK);
      chunk.style.minHeight = this.lazy ? `${chunk.blocks.length * blockHeight}px` : "";
      this.chunks.push(chunk);
      this.element.append(chunk);
      if (!this.lazy) this.fill(chunk);
    }
    this.observer = new IntersectionObserver(
      (entries) => entries.forEach((entry) => this.onIntersection(entry)),
      { rootMargin: "1200px 0px" },
    );
    if (this.lazy) this.chunks.forEach((chunk) => this.observer.observe(chunk));
    if (this.lazy) lazyBlocksShown.add(this);
  }

  fill(chunk) {
    if (chunk.firstChild) return;
    chunk.append(...chunk.blocks.map(this.toElement));
    chunk.style.minHeight = "";
  }

  onIntersection({ isIntersecting, target }) {
    if (isIntersecting) this.fill(target);
    else if (target.firstChild && !target.contains(document.activeElement)) {
      target.style.minHeight = `${target.offsetHeight}px`;
      target.replaceChildren();
    }
  }

  /** The element of the first block for which `predicate` holds, made if need be; or null. */
  find(predicate) {
    for (const chunk of this.chunks) {
      const at = chunk.blocks.findIndex(predicate);
      if (at < 0) continue;
      this.fill(chunk);
      return chunk.children[at];
    }
    return null;
  }

  /** Makes all elements, for printing. A view that is no longer shown leaves the set instead. */
  fillAll() {
    if (this.element.isConnected) this.chunks.forEach((chunk) => this.fill(chunk));
    else lazyBlocksShown.delete(this);
  }
}

window.addEventListener("beforeprint", () => lazyBlocksShown.forEach((each) => each.fillAll()));
