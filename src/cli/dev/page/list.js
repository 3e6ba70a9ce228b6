// @ts-check
// The left pane: filter, ledger, rows. Live as long as nothing is asked of it; with a filter it shows the server's answer.
import * as api from './api.js';
import { el } from './dom.js';
import { createFilterBar } from './filter-bar.js';
import { exceptOf, queryOf } from './filter-text.js';
import { count, counted } from './format.js';
import { createLedger } from './ledger.js';
import { ROW_HEIGHT, traceRow } from './trace-row.js';
import { Windowed } from './windowed.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */
/** @typedef {{ traceId: string | undefined, other: string | undefined }} Selected */

/** Answers to a filter are asked for anew at most so often while traces arrive. */
const ASK_EVERY_MS = 400;

/**
 * @param {HTMLElement} pane
 * @param {import('./live.js').Live} live
 * @param {{ onOpen(traceId: string, how: 'click' | 'key'): void, say(text: string): void }} options
 */
export function createList(pane, live, { onOpen, say }) {
  /** @type {TraceSummary[]} */
  let rows = [];
  /** @type {{ traces: TraceSummary[], waiting: number } | undefined} */
  let answer;
  let choice = /** @type {import('./ledger.js').Choice} */ (undefined);
  let line = '';
  let column = '';
  let scrolled = false;
  let longest = 1;
  /** @type {Selected} */
  let selected = { traceId: undefined, other: undefined };
  let asked = 0;
  let asking = new AbortController();

  const ledger = createLedger((next) => {
    choice = next;
    windowed.scrollTo(0);
    update();
  });
  const bar = createFilterBar({
    onFilter(next) {
      line = next;
      refresh();
    },
    onColumn(next) {
      column = next;
      refresh();
    },
  });
  bar.element.append(ledger.element);
  const fresh = el('button.fresh', { type: 'button', hidden: true, onclick: () => catchUp() });
  const box = el('div.traces.scroll', { role: 'listbox', tabindex: '0', 'aria-label': 'Traces, newest first' });
  const nothing = el(
    'div.nothing',
    { hidden: true },
    el('p', {}, 'No trace fits the filter.'),
    el('button', { type: 'button', onclick: () => reset() }, 'Show all'),
  );
  const foot = el('div.foot', { hidden: true });
  const stack = el('div.feed', {}, fresh, nothing, box);
  pane.append(bar.element, stack, foot);
  const started = performance.now();

  const windowed = new Windowed(box, ROW_HEIGHT, {
    key: (/** @type {TraceSummary} */ { traceId }) => traceId,
    stamp: (trace, index) =>
      `${trace.seq}|${index}|${rows.length}|${trace.traceId === selected.traceId}|${trace.traceId === selected.other}|${longest}|${trace.column}`,
    draw: (trace, index) =>
      traceRow(trace, {
        place: index + 1,
        total: rows.length,
        selected: trace.traceId === selected.traceId,
        other: trace.traceId === selected.other,
        fresh: index < 12 && !drawn.has(trace.traceId) && performance.now() - started > 1500,
        longest,
        column,
      }),
  });
  /** @type {Set<string>} */
  let drawn = new Set();

  box.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('[data-id]') : null;
    if (row) onOpen(row.getAttribute('data-id') ?? '', 'click');
  });
  box.addEventListener(
    'scroll',
    () => {
      const now = box.scrollTop > 4;
      if (now === scrolled) return;
      scrolled = now;
      freeze();
    },
    { passive: true },
  );
  live.listen(() => update());

  const query = () => queryOf(line, column);
  const freeze = () => live.read(scrolled || selected.traceId !== undefined);

  function reset() {
    ledger.choose(undefined);
    bar.write('');
  }

  function refresh() {
    asking.abort();
    answer = undefined;
    windowed.scrollTo(0);
    if (query()) void ask();
    else update();
  }

  /** Of what was asked for: again when something came, but not under a reader's eyes. */
  async function ask() {
    const wanted = query();
    if (!wanted) return;
    wanted.set('limit', '1000');
    asking = new AbortController();
    const { signal } = asking;
    asked = performance.now();
    try {
      const { traces } = await api.traces(wanted, signal);
      answer = { traces, waiting: live.waiting.size };
    } catch (error) {
      if (signal.aborted) return;
      say(error instanceof Error ? error.message : String(error));
      answer = { traces: [], waiting: 0 };
    }
    update();
  }

  let timer = 0;
  function askLater() {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), Math.max(0, ASK_EVERY_MS - (performance.now() - asked)));
  }

  /** @type {string} */
  let lastSeen = '';
  function update() {
    if (query()) {
      const seen = `${live.rows[0]?.seq}|${live.rows.length}|${live.waiting.size}`;
      const still = live.paused || live.reading;
      if (answer && seen !== lastSeen && !still) askLater();
      lastSeen = seen;
      if (!answer) return;
    }
    const wanted = exceptOf(line);
    const some = answer?.traces ?? live.rows;
    const all = wanted ? some.filter(wanted) : some;
    rows = choice === undefined ? all : all.filter(({ verdict }) => verdict.kept === (choice === 'kept'));
    longest = niceCeiling(rows.reduce((most, { durationMs }) => Math.max(most, durationMs), 1));
    windowed.set(rows);
    drawn = new Set(rows.slice(0, 60).map(({ traceId }) => traceId));
    ledger.update(all);
    nothing.hidden = rows.length > 0 || !live.ready;
    bar.setServices(new Set(live.rows.slice(0, 300).flatMap(({ services }) => services)));
    fresh.hidden = live.waiting.size === 0;
    fresh.replaceChildren(`↑ ${count(live.waiting.size)} new`);
    const beyond = live.held - live.rows.length - live.waiting.size;
    foot.hidden = query() !== undefined || beyond <= 0;
    foot.replaceChildren(`${counted(beyond, 'older trace')} held; the filter reaches them.`);
    mark();
  }

  function catchUp() {
    windowed.scrollTo(0);
    scrolled = false;
    live.release();
    freeze();
    if (query()) void ask();
  }

  function mark() {
    const index = rows.findIndex(({ traceId }) => traceId === selected.traceId);
    if (index >= 0) box.setAttribute('aria-activedescendant', `t-${selected.traceId}`);
    else box.removeAttribute('aria-activedescendant');
  }

  return {
    box,
    bar,
    catchUp,
    rows: () => rows,
    /** @param {Selected} next @param {boolean} [reveal] */
    select(next, reveal = true) {
      selected = next;
      freeze();
      windowed.draw();
      const index = rows.findIndex(({ traceId }) => traceId === (next.other ?? next.traceId));
      if (reveal && index >= 0) windowed.reveal(index, 1);
      mark();
    },
    /** @param {number} by */
    move(by) {
      const current = rows.findIndex(({ traceId }) => traceId === (selected.other ?? selected.traceId));
      const next = rows[Math.max(0, Math.min(rows.length - 1, current < 0 ? 0 : current + by))];
      if (next) onOpen(next.traceId, 'key');
    },
  };
}

/** The scale of the bars moves in steps, so that rows do not change with every trace. @param {number} value */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value) ?? value;
}
