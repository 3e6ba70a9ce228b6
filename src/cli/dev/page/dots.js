// @ts-check
// A dot for each trace: when it came, how long it took; full when production would keep it, a ring when not.
import { el, svg } from './dom.js';
import { clock, duration, roundDuration } from './format.js';
import { kindOf } from './verdict.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */

const MOST = 600;
const HEIGHT = 240;
const EDGE = { left: 62, right: 18, top: 12, bottom: 26 };

/** @param {(traceId: string) => void} onOpen */
export function createDots(onOpen) {
  const element = el('div.dots', { role: 'img' });
  element.addEventListener('click', (event) => {
    const id = event.target instanceof Element ? event.target.getAttribute('data-id') : null;
    if (id) onOpen(id);
  });

  /** @param {TraceSummary[]} all newest first @param {number} slowMs */
  function draw(all, slowMs) {
    const rows = all.slice(0, MOST);
    const width = element.clientWidth;
    if (width === 0 || rows.length === 0) return;
    const times = rows.map(({ startMs }) => startMs);
    const end = Math.max(...times);
    const begin = Math.min(...times, end - 10_000);
    const low = 10 ** Math.floor(Math.log10(Math.max(0.01, Math.min(...rows.map(({ durationMs }) => durationMs)))));
    const high =
      10 ** Math.ceil(Math.log10(Math.max(slowMs * 1.2, low * 10, ...rows.map(({ durationMs }) => durationMs))));
    const x = (/** @type {number} */ at) =>
      EDGE.left + ((at - begin) / (end - begin)) * (width - EDGE.left - EDGE.right);
    const y = (/** @type {number} */ ms) => {
      const share = (Math.log10(Math.max(ms, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
      return HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
    };

    const lines = [];
    for (let ms = low; ms <= high * 1.01; ms *= 10) {
      lines.push(
        svg('line.grid', { x1: EDGE.left, x2: width - EDGE.right, y1: y(ms), y2: y(ms) }),
        svg('text.y', { x: EDGE.left - 10, y: y(ms) + 4 }, roundDuration(ms)),
      );
    }
    const marks = Math.max(2, Math.floor(width / 150));
    for (let at = 0; at <= marks; at++) {
      const when = begin + ((end - begin) * at) / marks;
      const anchor = at === 0 ? 'start' : at === marks ? 'end' : 'middle';
      lines.push(svg('text.x', { x: x(when), y: HEIGHT - 6, 'text-anchor': anchor }, clock(when)));
    }
    const limit = y(slowMs);
    lines.push(
      svg('line.limit', { x1: EDGE.left, x2: width - EDGE.right, y1: limit, y2: limit }),
      svg('text.limit', { x: EDGE.left + 8, y: limit - 6 }, `slow from ${roundDuration(slowMs)}`),
    );
    const points = rows.map((trace) => {
      const { style } = kindOf(trace.verdict);
      const dot = svg(`circle.${style}`, {
        cx: x(trace.startMs).toFixed(1),
        cy: y(trace.durationMs).toFixed(1),
        r: trace.verdict.kept ? 5 : 4,
        'data-id': trace.traceId,
      });
      dot.append(svg('title', {}, `${trace.name}, ${duration(trace.durationMs)}\n${trace.verdict.text}`));
      return dot;
    });
    // What would be kept lies above what would not.
    points.sort(
      (a, b) => Number(a.classList.contains('v-dropped') ? 0 : 1) - Number(b.classList.contains('v-dropped') ? 0 : 1),
    );
    element.replaceChildren(svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT }, lines, points));
    element.setAttribute('aria-label', `${rows.length} traces between ${clock(begin)} and ${clock(end)}`);
  }
  return { element, draw };
}
