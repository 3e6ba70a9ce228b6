// @ts-check
// Rows of one height, of which only those in sight are elements: ten thousand open as fast as ten.
import { el, setStyle } from './dom.js';

const OVERSCAN = 8;

/** @template T */
export class Windowed {
  /** @type {T[]} */
  items = [];
  #canvas = el('div.canvas', { role: 'presentation' });
  #rows = el('div.rows', { role: 'presentation' });
  #scroller;
  #height;
  #options;
  #drawn = 0;
  /** @type {Map<string, { stamp: string, node: HTMLElement }>} */
  #nodes = new Map();

  /**
   * @param {HTMLElement} scroller
   * @param {number} height of a row, in pixels
   * @param {{ key(item: T): string, stamp(item: T, index: number): string, draw(item: T, index: number): HTMLElement }} options
   *   a row is drawn anew when its stamp changed
   */
  constructor(scroller, height, options) {
    this.#scroller = scroller;
    this.#height = height;
    this.#options = options;
    this.#canvas.append(this.#rows);
    scroller.append(this.#canvas);
    scroller.addEventListener('scroll', () => this.later(), { passive: true });
    new ResizeObserver(() => this.later()).observe(scroller);
  }

  /** @param {T[]} items */
  set(items) {
    this.items = items;
    setStyle(this.#canvas, { height: `${items.length * this.#height}px` });
    this.draw();
  }

  later() {
    this.#drawn ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.#drawn);
    this.#drawn = 0;
    const { scrollTop, clientHeight } = this.#scroller;
    const offset = this.#canvas.offsetTop;
    const first = Math.max(0, Math.floor((scrollTop - offset) / this.#height) - OVERSCAN);
    const last = Math.min(this.items.length, Math.ceil((scrollTop - offset + clientHeight) / this.#height) + OVERSCAN);
    const { key, stamp, draw } = this.#options;
    /** @type {Map<string, { stamp: string, node: HTMLElement }>} */
    const nodes = new Map();
    const shown = [];
    for (let index = first; index < last; index++) {
      const item = /** @type {T} */ (this.items[index]);
      const id = key(item);
      const now = stamp(item, index);
      const known = this.#nodes.get(id);
      const entry = known?.stamp === now ? known : { stamp: now, node: draw(item, index) };
      nodes.set(id, entry);
      shown.push(entry.node);
    }
    this.#nodes = nodes;
    setStyle(this.#rows, { transform: `translateY(${first * this.#height}px)` });
    if (shown.length !== this.#rows.childElementCount || shown.some((node, at) => node !== this.#rows.children[at])) {
      this.#rows.replaceChildren(...shown);
    }
  }

  /** All of them, because something outside of the items changed. */
  redraw() {
    this.#nodes.clear();
    this.draw();
  }

  /** @param {number} index @param {number} [margin] rows that stay visible around it */
  reveal(index, margin = 2) {
    const { clientHeight } = this.#scroller;
    const top = this.#canvas.offsetTop + index * this.#height;
    const room = Math.min(margin * this.#height, Math.max(0, (clientHeight - this.#height) / 2));
    const sticky = this.#canvas.offsetTop;
    if (top - room - sticky < this.#scroller.scrollTop) this.#scroller.scrollTop = top - room - sticky;
    else if (top + this.#height + room > this.#scroller.scrollTop + clientHeight) {
      this.#scroller.scrollTop = top + this.#height + room - clientHeight;
    }
    this.draw();
  }
}
