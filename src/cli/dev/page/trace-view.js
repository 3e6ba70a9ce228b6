// @ts-check
// The middle pane of one trace: what it is, what production would make of it, and its waterfall.
import { traceColours } from './colours.js';
import { el, setStyle } from './dom.js';
import { roundDuration, ticks } from './format.js';
import { createSpanSearch } from './span-search.js';
import { recall, remember } from './theme.js';
import { legendOf, traceHead } from './trace-head.js';
import { firstLook, isError, treeOf, visible } from './tree.js';
import { SPAN_HEIGHT, spanRow, stepOf } from './waterfall-row.js';
import { Windowed } from './windowed.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./api.js').Trace} Trace */

/**
 * @param {{ onSpan(node: Node): void, onEnter(): void, onClose(): void, onCompare(): void, onCopy(): void }} options
 */
export function createTraceView({ onSpan, onEnter, onClose, onCompare, onCopy }) {
  /** @type {Trace | undefined} */
  let trace;
  /** @type {Node[]} */
  let tree = [];
  /** @type {Node[]} */
  let rows = [];
  /** @type {Node[]} */
  let errors = [];
  /** @type {Map<string, Node>} */
  let byId = new Map();
  /** @type {Set<string>} */
  let folded = new Set();
  let selected = '';
  let length = 1;
  let colourOf = traceColours([]);
  let pathOnly = false;

  const head = el('header.head');
  const search = createSpanSearch({
    onFind: (node) => select(node.span.spanId, true),
    onChange: () => windowed.redraw(),
  });
  const axis = el('div.axis', { 'aria-hidden': 'true' });
  const handle = el('div.handle', {
    role: 'separator',
    'aria-orientation': 'vertical',
    'aria-label': 'Width of the names',
    tabindex: '0',
    title: 'Drag to give the names more room',
  });
  const ruler = el('div.ruler', {}, el('div.corner', {}, search.element), handle, axis);
  const grid = el('div.grid', { 'aria-hidden': 'true' });
  const body = el('div.waterfall.scroll', { role: 'tree', tabindex: '0', 'aria-label': 'Spans' });
  const critical = el(
    'button.legend',
    {
      type: 'button',
      'aria-pressed': 'false',
      title: 'Dim what did not hold the root up (x)',
      onclick: () => togglePath(),
    },
    el('i.stroke'),
    'critical path',
  );
  const legend = el('div.services');
  const foot = el('footer.legends', {}, critical, legend);
  const element = el('article.view', {}, head, ruler, grid, body, foot);
  setStyle(element, { '--name': recall('keeptrace.name') ?? '46%' });

  const windowed = new Windowed(body, SPAN_HEIGHT, {
    key: (/** @type {Node} */ node) => node.span.spanId,
    stamp: (node) => `${node.span.spanId === selected}|${folded.has(node.span.spanId)}`,
    draw: (node) =>
      spanRow(node, {
        length,
        colour: colourOf(node.span),
        selected: node.span.spanId === selected,
        folded: folded.has(node.span.spanId),
        words: search.words(),
        hit: search.isHit(node),
      }),
  });

  body.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    const row = target?.closest('[data-id]');
    if (!row) return;
    const id = row.getAttribute('data-id') ?? '';
    if (target?.closest('.twist')) fold(id, !folded.has(id));
    else select(id);
  });
  handle.addEventListener('pointerdown', (event) => {
    handle.setPointerCapture(event.pointerId);
    const { left, width } = element.getBoundingClientRect();
    const move = (/** @type {PointerEvent} */ { clientX }) => widen(((clientX - left) / width) * 100);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', () => handle.removeEventListener('pointermove', move), { once: true });
  });
  handle.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (!by) return;
    event.stopPropagation();
    widen(Number.parseFloat(element.style.getPropertyValue('--name')) + by);
  });
  new ResizeObserver(drawAxis).observe(axis);

  /** @param {number} share */
  function widen(share) {
    const value = `${Math.min(75, Math.max(18, share)).toFixed(1)}%`;
    setStyle(element, { '--name': value });
    remember('keeptrace.name', value);
  }

  function drawAxis() {
    const wanted = Math.max(2, Math.floor(axis.clientWidth / 95));
    const marks = ticks(length, wanted).filter((at) => at / length < 0.93);
    axis.replaceChildren(
      ...marks.map((at) =>
        el('span', { style: { left: `${(at / length) * 100}%` } }, at === 0 ? '0' : roundDuration(at)),
      ),
    );
    grid.replaceChildren(...marks.slice(1).map((at) => el('i', { style: { left: `${(at / length) * 100}%` } })));
  }

  /** @param {string} spanId @param {boolean} [unfold] */
  function select(spanId, unfold = false) {
    const node = byId.get(spanId);
    if (!node) return;
    if (unfold) for (let above = node.parent; above; above = above.parent) folded.delete(above.span.spanId);
    selected = spanId;
    rows = visible(tree, folded);
    windowed.set(rows, rows.indexOf(node));
    body.setAttribute('aria-activedescendant', `s-${spanId}`);
    onSpan(node);
  }

  /** @param {string} spanId @param {boolean} shut */
  function fold(spanId, shut) {
    if (shut) folded.add(spanId);
    else folded.delete(spanId);
    rows = visible(tree, folded);
    windowed.set(rows);
  }

  function togglePath() {
    pathOnly = !pathOnly;
    critical.setAttribute('aria-pressed', String(pathOnly));
    body.classList.toggle('path-only', pathOnly);
  }

  /** @param {number} step 1 or -1 */
  function nextError(step) {
    const at = byId.get(selected)?.index ?? -1;
    const ring =
      step > 0
        ? [...tree.slice(at + 1), ...tree.slice(0, at + 1)]
        : [...tree.slice(at + 1), ...tree.slice(0, at)].reverse();
    const found = ring.find(({ span }) => isError(span));
    if (found) select(found.span.spanId, true);
    return found;
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it meant something here */
  function key(event) {
    const at = rows.findIndex(({ span }) => span.spanId === selected);
    const node = rows[at];
    const page = Math.max(1, Math.floor(body.clientHeight / SPAN_HEIGHT) - 2);
    /** @type {Record<string, number>} */
    const steps = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
      if (next) select(next.span.spanId);
    } else if (event.key === 'ArrowRight' && node) {
      if (folded.has(selected)) fold(selected, false);
      else if (node.children[0]) select(node.children[0].span.spanId);
    } else if (event.key === 'ArrowLeft' && node) {
      if (node.children.length > 0 && !folded.has(selected)) fold(selected, true);
      else if (node.parent) select(node.parent.span.spanId);
    } else if (event.key === 'Enter') onEnter();
    else return false;
    return true;
  }

  return {
    element,
    body,
    search,
    key,
    nextError,
    togglePath,
    select,
    trace: () => trace,
    errors: () => errors,
    selected: () => byId.get(selected),
    /** @param {Trace} next @param {string} [spanId] */
    show(next, spanId) {
      const again = trace?.summary.traceId === next.summary.traceId;
      trace = next;
      tree = treeOf(next.spans);
      byId = new Map(tree.map((node) => [node.span.spanId, node]));
      errors = tree.filter(({ span }) => isError(span));
      length = Math.max(next.summary.durationMs, 0.001);
      colourOf = traceColours(next.spans);
      if (!again) {
        folded = new Set();
        windowed.scrollTo(0);
        search.reset();
      }
      search.setTree(tree);
      setStyle(body, { '--step': stepOf(tree) });
      head.replaceChildren(...traceHead(next.summary, tree[0], { onClose, onCompare, onCopy }));
      legend.replaceChildren(...legendOf(next.spans, colourOf));
      drawAxis();
      rows = visible(tree, folded);
      windowed.forget();
      const wanted =
        spanId !== undefined && byId.has(spanId)
          ? spanId
          : again && byId.has(selected)
            ? selected
            : firstLook(tree, next.summary.slow)?.span.spanId;
      if (wanted) select(wanted, true);
      else windowed.set(rows);
    },
  };
}
