// @ts-check
// A dot for each trace: when it came, how long it took; full when production would keep it, a ring when not.
import { el, svg } from './dom.js';
import { clock, duration, roundDuration } from './format.js';
import { kindOf } from './verdict.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */

const MOST = 600;
const HEIGHT = 240;
const EDGE = { left: 62, right: 18, top: 12, bottom: 26 };

/** How near the pointer has to come, in pixels. */
const REACH = 12;

/** @param {(traceId: string) => void} onOpen */
export function createDots(onOpen) {
  const element = el('div.dots', { role: 'img' });
  /** @type {{ x: number, y: number, trace: TraceSummary }[]} */
  let dots = [];
  element.addEventListener('click', (event) => {
    const found = nearest(event);
    if (found) onOpen(found.traceId);
  });
  element.addEventListener('pointermove', (event) => {
    const found = nearest(event);
    element.classList.toggle('near', found !== undefined);
    element.title = found ? `${found.name}, ${duration(found.durationMs)}\n${found.verdict.text}` : '';
  });

  /** @param {MouseEvent} event */
  function nearest({ clientX, clientY }) {
    const { left, top } = element.getBoundingClientRect();
    let best = REACH ** 2;
    /** @type {TraceSummary | undefined} */
    let found;
    for (const { x, y, trace } of dots) {
      const away = (x - (clientX - left)) ** 2 + (y - (clientY - top)) ** 2;
      if (away < best) [best, found] = [away, trace];
    }
    return found;
  }

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
    dots = rows.map((trace) => ({ x: x(trace.startMs), y: y(trace.durationMs), trace }));
    const kept = dots.filter(({ trace }) => trace.verdict.kept);
    const dropped = dots.filter(({ trace }) => !trace.verdict.kept);
    // The many that would be dropped are one path, which is drawn in no time.
    const rings = dropped.map((dot) => `M${(dot.x - 4).toFixed(1)} ${dot.y.toFixed(1)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0`);
    const points = [
      svg('path.v-dropped', { d: rings.join(''), 'data-count': dropped.length }),
      ...kept.map((dot) =>
        svg(`circle.${kindOf(dot.trace.verdict).style}`, { cx: dot.x.toFixed(1), cy: dot.y.toFixed(1), r: 5 }),
      ),
    ];
    element.replaceChildren(svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT }, lines, points));
    element.setAttribute('aria-label', `${rows.length} traces between ${clock(begin)} and ${clock(end)}`);
  }
  return { element, draw };
}
