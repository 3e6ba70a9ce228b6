// @ts-check
// The middle pane while no trace is open: what production would make of all of this, when it came, and who called whom.
import { el, icon } from './dom.js';
import { createDots } from './dots.js';
import { count, counted } from './format.js';
import { createMap } from './map.js';
import { kindOf, STYLES } from './verdict.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */

const DRAW_EVERY_MS = 500;

/**
 * @param {import('./live.js').Live} live
 * @param {{ onOpen(traceId: string): void, onService(name: string): void, about(): import('./api.js').About | undefined }} options
 */
export function createOverview(live, { onOpen, onService, about }) {
  const words = el('h1');
  const parts = el('ul.reasons');
  const dots = createDots(onOpen);
  const map = createMap(onService);
  const mapPart = el(
    'section.part',
    {},
    el('h2', {}, 'Who calls whom', el('small', {}, 'a click filters the list')),
    map.element,
  );
  const element = el(
    'div.overview.scroll',
    { tabindex: '0', role: 'region', 'aria-label': 'Overview' },
    el('header', {}, words, parts),
    el(
      'section.part',
      {},
      el('h2', {}, 'When they came, and how long they took', el('small', {}, 'a click opens one')),
      dots.element,
      key(),
    ),
    mapPart,
  );
  let timer = 0;
  let drawn = 0;

  function draw() {
    timer = 0;
    drawn = performance.now();
    if (!element.isConnected) return;
    const { rows } = live;
    const kept = rows.filter(({ verdict }) => verdict.kept).length;
    words.replaceChildren(
      'Production would keep ',
      el('b', {}, count(kept)),
      ` of ${rows.length === 1 ? 'this' : 'these'} `,
      el('b', {}, count(rows.length)),
      rows.length === 1 ? ' trace' : ' traces',
    );
    parts.replaceChildren(...reasons(rows));
    dots.draw(rows, about()?.slowMs ?? 1000);
    void map.load();
  }

  function update() {
    if (element.isConnected) timer ||= setTimeout(draw, Math.max(0, DRAW_EVERY_MS - (performance.now() - drawn)));
  }
  new ResizeObserver(() => update()).observe(element);

  return {
    element,
    update,
    /** @param {boolean} toMap */
    show(toMap) {
      requestAnimationFrame(() => {
        draw();
        if (toMap) mapPart.scrollIntoView({ block: 'start', behavior: 'smooth' });
        else element.scrollTop = 0;
      });
    },
  };
}

/** @param {TraceSummary[]} rows */
function reasons(rows) {
  /** @type {Map<string, { kind: ReturnType<typeof kindOf>, number: number }>} */
  const found = new Map();
  for (const { verdict } of rows) {
    const kind = kindOf(verdict);
    const entry = found.get(kind.word) ?? { kind, number: 0 };
    entry.number += 1;
    found.set(kind.word, entry);
  }
  return [...found.values()]
    .sort((a, b) => STYLES.indexOf(a.kind.style) - STYLES.indexOf(b.kind.style) || b.number - a.number)
    .map(({ kind, number }) =>
      el(
        `li.${kind.style}`,
        { title: counted(number, 'trace') },
        icon(kind.icon),
        el('b', {}, count(number)),
        kind.word,
      ),
    );
}

function key() {
  const entries = /** @type {const} */ ([
    ['v-error', 'error'],
    ['v-slow', 'slow'],
    ['v-other', 'manual and others'],
    ['v-head', 'kept by the ratio'],
    ['v-dropped', 'would drop'],
  ]);
  return el(
    'p.key',
    {},
    entries.map(([style, word]) => el(`span.${style}`, {}, el('i'), word)),
  );
}
