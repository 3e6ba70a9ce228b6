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
  #top = 0;
  #room = 0;
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
    scroller.addEventListener('scroll', () => this.#look(), { passive: true });
    new ResizeObserver(() => this.#look()).observe(scroller);
  }

  /** Where the reader is, asked for when the layout is known anyway: asking in between costs a layout each time. */
  #look() {
    this.#top = this.#scroller.scrollTop;
    this.#room = this.#scroller.clientHeight;
    this.#drawn ||= requestAnimationFrame(() => this.draw());
  }

  /** @param {T[]} items @param {number} [index] of one that has to be in sight */
  set(items, index) {
    this.items = items;
    setStyle(this.#canvas, { height: `${items.length * this.#height}px` });
    if (index === undefined) this.draw();
    else this.reveal(index);
  }

  draw() {
    cancelAnimationFrame(this.#drawn);
    this.#drawn = 0;
    const first = Math.max(0, Math.floor(this.#top / this.#height) - OVERSCAN);
    const last = Math.min(this.items.length, Math.ceil((this.#top + this.#room) / this.#height) + OVERSCAN);
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

  /** Draws all of them anew, because something outside of the items changed. */
  redraw() {
    this.forget();
    this.draw();
  }

  forget() {
    this.#nodes.clear();
  }

  /** @param {number} index @param {number} [margin] rows that stay visible around it */
  reveal(index, margin = 2) {
    this.#room ||= this.#scroller.clientHeight;
    const top = index * this.#height;
    const spare = Math.min(margin * this.#height, Math.max(0, (this.#room - this.#height) / 2));
    let wanted = this.#top;
    if (top - spare < wanted) wanted = top - spare;
    else if (top + this.#height + spare > wanted + this.#room) wanted = top + this.#height + spare - this.#room;
    this.scrollTo(Math.max(0, Math.min(wanted, this.items.length * this.#height - this.#room)));
    this.draw();
  }

  /** @param {number} top */
  scrollTo(top) {
    if (top === this.#top) return;
    this.#scroller.scrollTop = top;
    this.#top = top;
  }
}
