// @ts-check
// Two traces beside each other: span by span, which one took longer, and what only one of them has.
import { serviceColour } from './colours.js';
import { differences, pairsOf } from './compare-match.js';
import { el, icon, iconButton, setStyle } from './dom.js';
import { clock, counted, duration, valueText } from './format.js';
import { toast } from './toast.js';
import { isError, treeOf } from './tree.js';
import { badge } from './verdict.js';
import { Windowed } from './windowed.js';

/** @typedef {import('./compare-match.js').Pair} Pair */
/** @typedef {import('./api.js').Trace} Trace */
/** @typedef {import('./api.js').TraceSummary} TraceSummary */

const HEIGHT = 34;

/**
 * @param {{ rows(): TraceSummary[], trace(): TraceSummary | undefined, go(traceId: string, other: string): void, onClose(traceId: string): void,
 *   onDifference(...content: HTMLElement[]): void }} options
 */
export function createCompare({ rows, trace, go, onClose, onDifference }) {
  const head = el('header.head');
  const body = el('div.pairs.scroll', { role: 'listbox', tabindex: '0', 'aria-label': 'Spans of both traces' });
  const element = el('article.view', {}, head, body);
  /** @type {Pair | undefined} */
  let selected;
  let longest = 1;
  const windowed = new Windowed(body, HEIGHT, {
    key: (/** @type {Pair} */ { a, b }) => `${a?.span.spanId}|${b?.span.spanId}`,
    stamp: (pair) => String(pair === selected),
    draw: (pair, index) => pairRow(pair, index, pair === selected, longest),
  });
  body.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (row) select(Number(row.getAttribute('data-index')));
  });
  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    select(
      Math.max(0, Math.min(windowed.items.length - 1, windowed.items.indexOf(/** @type {Pair} */ (selected)) + step)),
    );
  });

  /** @param {number} index */
  function select(index) {
    selected = windowed.items[index];
    if (!selected) return;
    windowed.reveal(index);
    body.setAttribute('aria-activedescendant', `p-${index}`);
    onDifference(...differenceOf(selected));
  }

  /** With the nearest older trace of the same name, or the first other one; a click in the list takes another. */
  function begin() {
    const mine = trace();
    if (!mine) return;
    const all = rows();
    const at = all.findIndex(({ traceId }) => traceId === mine.traceId);
    const others = [...all.slice(at + 1), ...all.slice(0, Math.max(0, at))].filter(
      ({ traceId }) => traceId !== mine.traceId,
    );
    const same = others.filter(({ name }) => name === mine.name);
    const other = same.find(({ error, slow }) => !error && !slow) ?? same[0] ?? others[0];
    if (!other) return toast('There is no other trace to compare with');
    go(mine.traceId, other.traceId);
    toast('A click in the list compares with another trace');
  }

  /** @param {Trace} a @param {Trace} b */
  function show(a, b) {
    const pairs = pairsOf(treeOf(a.spans), treeOf(b.spans));
    longest = Math.max(
      1e-3,
      ...pairs.map((pair) => Math.max(pair.a?.span.durationMs ?? 0, pair.b?.span.durationMs ?? 0)),
    );
    head.replaceChildren(
      el(
        'div.titles',
        {},
        el('h1.cut', {}, a.summary.name === b.summary.name ? a.summary.name : 'Two traces'),
        el(
          'span.actions',
          {},
          iconButton('compare', 'The other way round', () => go(b.summary.traceId, a.summary.traceId)),
          iconButton('close', 'Back to the first trace (Esc)', () => onClose(a.summary.traceId)),
        ),
      ),
      el('div.cards', {}, card('A', a.summary), card('B', b.summary)),
      verdictOf(pairs, a.summary, b.summary),
    );
    windowed.forget();
    windowed.scrollTo(0);
    windowed.set(pairs);
    const telling = pairs.reduce(
      (best, pair, index) => (weight(pair) > weight(/** @type {Pair} */ (pairs[best])) ? index : best),
      0,
    );
    select(telling);
  }
  return { element, begin, show, body };
}

/** How much a pair has to tell. @param {Pair} pair */
function weight({ a, b }) {
  if (!a || !b) return (a ?? b)?.span.selfMs ?? 0;
  return Math.abs(a.span.selfMs - b.span.selfMs) + (isError(a.span) !== isError(b.span) ? 1e6 + a.depth : 0);
}

/** @param {'A' | 'B'} letter @param {TraceSummary} summary */
function card(letter, summary) {
  return el(
    `div.card.${letter.toLowerCase()}`,
    {},
    el('b', {}, letter),
    el(
      'div',
      {},
      el('strong.cut', {}, summary.name),
      el('p', {}, `${clock(summary.startMs, true)} · ${counted(summary.spans, 'span')}`),
    ),
    el('span.took', {}, duration(summary.durationMs)),
    badge(summary.verdict),
  );
}

/** @param {Pair[]} pairs @param {TraceSummary} a @param {TraceSummary} b */
function verdictOf(pairs, a, b) {
  const onlyA = pairs.filter((pair) => !pair.b).length;
  const onlyB = pairs.filter((pair) => !pair.a).length;
  const by = b.durationMs - a.durationMs;
  const words = [
    Math.abs(by) < a.durationMs * 0.01
      ? 'B took as long as A'
      : `B took ${duration(Math.abs(by))} ${by > 0 ? 'longer' : 'less'} than A`,
    `${counted(pairs.length - onlyA - onlyB, 'span')} in both`,
    onlyA > 0 && `${onlyA} only in A`,
    onlyB > 0 && `${onlyB} only in B`,
  ];
  return el('p.muted', {}, words.filter(Boolean).join(' · '));
}

/** @param {Pair} pair @param {number} index @param {boolean} selected @param {number} longest */
function pairRow(pair, index, selected, longest) {
  const { a, b, depth } = pair;
  const span = /** @type {import('./tree.js').Node} */ (a ?? b).span;
  const by = a && b ? b.span.durationMs - a.span.durationMs : 0;
  const telling = a && b && Math.abs(by) > longest * 0.02 ? (by > 0 ? 'longer' : 'shorter') : '';
  const row = el(
    ['div', 'pair', serviceColour(span.service), a && !b && 'only-a', b && !a && 'only-b', telling]
      .filter(Boolean)
      .join('.'),
    { role: 'option', id: `p-${index}`, 'data-index': index, 'aria-selected': String(selected) },
    el(
      'div.name',
      {},
      el('i.guides'),
      isError(span) || (b && isError(b.span)) ? icon('error') : el('i.dot'),
      el('span.what.cut', { title: span.name }, span.name),
      el('span.whose.cut', {}, span.service),
    ),
    el('div.lane', {}, bar('a', a, longest), bar('b', b, longest)),
    el(
      'span.both',
      {},
      el('span', {}, a ? duration(a.span.durationMs) : '–'),
      el('span', {}, b ? duration(b.span.durationMs) : '–'),
    ),
    el(
      'span.by',
      {},
      a && b ? (telling ? `${by > 0 ? '+' : '−'}${duration(Math.abs(by))}` : '≈') : a ? 'only in A' : 'only in B',
    ),
  );
  setStyle(row, { '--depth': Math.min(depth, 18) });
  return row;
}

/** @param {'a' | 'b'} letter @param {import('./tree.js').Node | undefined} node @param {number} longest */
const bar = (letter, node, longest) =>
  node ? el(`i.${letter}`, { style: { width: `${(node.span.durationMs / longest) * 100}%` } }) : false;

/** @param {Pair} pair @returns {HTMLElement[]} */
function differenceOf({ a, b }) {
  const span = /** @type {import('./tree.js').Node} */ (a ?? b).span;
  const title = el(
    'header.who',
    {},
    el(
      'p.kind',
      {},
      el(`i.dot.${serviceColour(span.service)}`),
      el('strong', {}, span.service),
      el('span', {}, span.kind),
    ),
    el('h2', {}, span.name),
  );
  if (!a || !b)
    return [
      title,
      el('p', {}, `Only ${a ? 'A' : 'B'} has this span. It took ${duration(span.durationMs)}.`),
      bag(Object.entries(span.attributes).map(([key, value]) => [key, a ? value : undefined, a ? undefined : value])),
    ];
  const measured = /** @type {[string, string, string][]} */ ([
    ['took', duration(a.span.durationMs), duration(b.span.durationMs)],
    ['itself', duration(a.span.selfMs), duration(b.span.selfMs)],
    ['status', a.span.status, b.span.status],
  ]).filter(([, left, right]) => left !== right);
  const found = [...measured, ...differences(a.span.attributes, b.span.attributes)];
  const same = Object.keys(a.span.attributes).length - found.filter(([key]) => key in a.span.attributes).length;
  return [
    title,
    found.length > 0 ? bag(found) : el('p', {}, 'Nothing differs.'),
    el('p.muted', {}, `${counted(Math.max(0, same), 'attribute')} the same in both.`),
  ];
}

/** @param {[string, unknown, unknown][]} entries */
const bag = (entries) =>
  el(
    'dl.versus',
    {},
    entries.map(([key, left, right]) =>
      el(
        'div',
        {},
        el('dt', {}, key),
        el('dd.a', {}, left === undefined ? '–' : valueText(left)),
        el('dd.b', {}, right === undefined ? '–' : valueText(right)),
      ),
    ),
  );
