// @ts-check
// One row of the list. Its second line says where the trace went and whether production would have it.
import { serviceColour } from './colours.js';
import { el, icon } from './dom.js';
import { clock, counted, duration } from './format.js';
import { badge, kindOf } from './verdict.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */

export const ROW_HEIGHT = 58;

/**
 * @param {TraceSummary} trace
 * @param {{ place: number, total: number, selected: boolean, other: boolean, fresh: boolean, longest: number, column: string }} at
 */
export function traceRow(trace, { place, total, selected, other, fresh, longest, column }) {
  const { style } = kindOf(trace.verdict);
  const classes = [style, trace.error && 'error', trace.slow && 'slow', other && 'other', fresh && 'new'].filter(
    Boolean,
  );
  const mark = trace.error ? 'error' : trace.slow ? 'slow' : undefined;
  return el(
    ['div', 'trace', ...classes].join('.'),
    {
      role: 'option',
      id: `t-${trace.traceId}`,
      'data-id': trace.traceId,
      'aria-selected': selected ? 'true' : 'false',
      'aria-posinset': place,
      'aria-setsize': total,
      'aria-label': spoken(trace),
    },
    mark ? icon(mark) : el('i'),
    el(
      'span.title.cut',
      { title: trace.partial ? `${trace.name}; its root is not here` : trace.name },
      trace.partial ? '⤷ ' : false,
      trace.name || '(no name)',
    ),
    el('span.took', {}, el('time.when', {}, clock(trace.startMs)), duration(trace.durationMs)),
    el(
      'span.facts',
      {},
      column !== '' && trace.column !== undefined
        ? el('span.column.cut', { title: `${column} = ${trace.column}` }, trace.column)
        : false,
      path(trace.services),
    ),
    badge(trace.verdict),
    el('span.length', {}, el('i', { style: { width: `${Math.sqrt(trace.durationMs / longest) * 100}%` } })),
  );
}

/** More letters than this, and those in the middle are only dots. */
const ROOM = 30;

/** @param {string[]} services */
export function path(services) {
  const shown = services.slice(0, 6);
  const tight = shown.join(' → ').length > ROOM;
  const isBare = (/** @type {number} */ at) => tight && at > 0 && at < shown.length - 1;
  const parts = shown.flatMap((service, at) => {
    const dot = el(`i.dot.${serviceColour(service)}`);
    const stop = el(isBare(at) ? 'span.bare' : 'span', { title: service }, dot, isBare(at) ? false : service);
    return at === 0 || (isBare(at) && isBare(at - 1)) ? [stop] : [el('i', {}, '→'), stop];
  });
  const more = services.length - shown.length;
  return el('span.path', {}, parts, more > 0 ? el('i', { title: services.slice(6).join(', ') }, `+${more}`) : false);
}

/** @param {TraceSummary} trace */
function spoken({ name, services, durationMs, spans, error, slow, partial, verdict }) {
  const marks = [error && 'error', slow && 'slow', partial && 'its root is missing'].filter(Boolean);
  return [name, ...marks, duration(durationMs), counted(spans, 'span'), services.join(', then '), verdict.text].join(
    ', ',
  );
}
