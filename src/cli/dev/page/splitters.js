// @ts-check
// The borders between the panes can be drawn; they stay where they were put.
import { el, setStyle } from './dom.js';
import { recall, remember } from './theme.js';

/** @param {HTMLElement} panes */
export function createSplitters(panes) {
  add(
    '--list',
    260,
    (x, { left }) => x - left,
    (value) => ({ left: value }),
    'Width of the list',
  );
  add(
    '--side',
    280,
    (x, { right }) => right - x,
    (value) => ({ right: value, 'margin-right': '-5px' }),
    'Width of the span',
  );

  /**
   * @param {string} property
   * @param {number} least
   * @param {(x: number, box: DOMRect) => number} widthAt
   * @param {(value: string) => Record<string, string>} place
   * @param {string} label
   */
  function add(property, least, widthAt, place, label) {
    const handle = el(`div.splitter.${property.slice(2)}-handle`, {
      role: 'separator',
      'aria-orientation': 'vertical',
      'aria-label': label,
    });
    setStyle(handle, place(`var(${property})`));
    const stored = recall(`keeptrace${property}`);
    if (stored) setStyle(document.documentElement, { [property]: stored });
    handle.addEventListener('pointerdown', (event) => {
      handle.setPointerCapture(event.pointerId);
      const box = panes.getBoundingClientRect();
      const move = (/** @type {PointerEvent} */ { clientX }) => {
        const width = `${Math.round(Math.max(least, Math.min(box.width * 0.45, widthAt(clientX, box))))}px`;
        setStyle(document.documentElement, { [property]: width });
        remember(`keeptrace${property}`, width);
      };
      handle.addEventListener('pointermove', move);
      handle.addEventListener('pointerup', () => handle.removeEventListener('pointermove', move), { once: true });
    });
    panes.append(handle);
  }
}
