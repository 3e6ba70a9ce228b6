// @ts-check
// The service map: from callers on the left to callees on the right, the busier the thicker.
import * as api from './api.js';
import { serviceColour } from './colours.js';
import { el, icon, setStyle, svg } from './dom.js';
import { count, counted, duration } from './format.js';
import { layoutOf } from './map-layout.js';

/** @typedef {import('./api.js').ServiceMap} ServiceMap */

const LOAD_EVERY_MS = 1000;

/** @param {(name: string) => void} onService */
export function createMap(onService) {
  const element = el('div.map.scroll');
  let loaded = -LOAD_EVERY_MS;
  let before = '';

  async function load() {
    if (performance.now() - loaded < LOAD_EVERY_MS) return;
    loaded = performance.now();
    const map = await api.map();
    const now = JSON.stringify(map);
    if (now === before) return;
    before = now;
    draw(map);
  }

  /** @param {ServiceMap} map */
  function draw({ services, edges }) {
    const { nodes, width, height, box } = layoutOf(services, edges);
    const most = Math.max(1, ...edges.map(({ calls }) => calls));
    /** Labels over the same arrow head stand above each other. @type {Map<string, number>} */
    const arrived = new Map();
    const drawn = edges.flatMap((edge) => {
      const from = nodes.get(edge.from);
      const to = nodes.get(edge.to);
      if (!from || !to) return [];
      const thick = 1.5 + 3.5 * Math.sqrt(edge.calls / most);
      const [line, labelX, labelY] = curve(from, to, box);
      const above = arrived.get(edge.to) ?? 0;
      arrived.set(edge.to, above + 1);
      const failed = edge.errors > 0;
      const words = `${edge.from} → ${edge.to}: ${counted(edge.calls, 'call')}, ${counted(edge.errors, 'error')}, half of them within ${duration(edge.p50Ms)}`;
      return [
        svg(
          `path.edge${failed ? '.failed' : ''}`,
          { d: line, 'stroke-width': thick.toFixed(1), 'marker-end': `url(#arrow${failed ? '-bad' : ''})` },
          svg('title', {}, words),
        ),
        svg(
          'text',
          { x: labelX, y: labelY - 9 - 15 * above, 'text-anchor': 'end' },
          svg('tspan.count', {}, `${count(edge.calls)}×`),
          ` ${duration(edge.p50Ms)}`,
          failed ? svg('tspan.bad', {}, ` ${count(edge.errors)} ✕`) : false,
        ),
      ];
    });
    const drawing = svg(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
      svg('defs', {}, arrow('arrow'), arrow('arrow-bad')),
      drawn,
    );
    const boxes = services.map((service) => {
      const at = nodes.get(service.name);
      return el(
        `button.service.${serviceColour(service.name)}`,
        {
          type: 'button',
          title: `Only traces through ${service.name}`,
          onclick: () => onService(service.name),
          style: {
            left: `${at?.x ?? 0}px`,
            top: `${at?.y ?? 0}px`,
            width: `${box.width}px`,
            height: `${box.height}px`,
          },
        },
        el('i.dot'),
        el(
          'span',
          {},
          el('strong.cut', {}, service.name),
          el(
            'small',
            {},
            counted(service.spans, 'span'),
            service.errors > 0 ? el('em', {}, icon('error'), count(service.errors)) : false,
          ),
        ),
      );
    });
    const sheet = el('div.sheet-of-map', { style: { width: `${width}px`, height: `${height}px` } }, drawing, boxes);
    // A wide map is made smaller before it has to be scrolled.
    setStyle(sheet, { zoom: Math.max(0.78, Math.min(1, (element.clientWidth - 26) / width)).toFixed(3) });
    element.replaceChildren(sheet, summary(edges));
  }
  return { element, load };
}

/** The same in words, for those who cannot see it. @param {ServiceMap['edges']} edges */
const summary = (edges) =>
  el(
    'ul.unseen',
    {},
    edges.map(({ from, to, calls, errors }) =>
      el('li', {}, `${from} calls ${to}: ${counted(calls, 'call')}, ${counted(errors, 'error')}`),
    ),
  );

/** @param {string} id */
const arrow = (id) =>
  svg(
    `marker.${id}`,
    {
      id,
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      markerUnits: 'userSpaceOnUse',
      orient: 'auto',
    },
    svg('path', { d: 'M0 0.5 7.5 4 0 7.5Z' }),
  );

/**
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 * @param {{ width: number, height: number }} box
 * @returns {[string, number, number]} the path, and where its label stands
 */
function curve(from, to, box) {
  const half = box.height / 2;
  const y1 = from.y + half;
  const y2 = to.y + half;
  if (to.x > from.x) {
    const x1 = from.x + box.width;
    const x2 = to.x - 2;
    const middle = (x1 + x2) / 2;
    return [`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, x2 - 12, y2];
  }
  // Back to the left, or down in the same column: around below.
  const x1 = from.x + box.width / 2;
  const x2 = to.x + box.width / 2;
  const low = Math.max(from.y, to.y) + box.height + 34;
  const end = to.y + box.height + 2;
  return [`M${x1} ${from.y + box.height}C${x1} ${low} ${x2} ${low} ${x2} ${end}`, (x1 + x2) / 2 + 30, low - 2];
}
