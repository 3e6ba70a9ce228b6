// @ts-check
// One span of the waterfall: where it stands in the tree, whose it is, when it ran.
import { el, icon, setStyle } from './dom.js';
import { duration } from './format.js';
import { highlighted } from './span-search.js';
import { isError } from './tree.js';

/** @typedef {import('./tree.js').Node} Node */

export const SPAN_HEIGHT = 28;
/** Pixels that the deepest row of a trace is moved to the right at most. */
const INDENT = 170;

/** Of each level. @param {Node[]} tree */
export function stepOf(tree) {
  const deepest = tree.reduce((most, { depth }) => Math.max(most, depth), 1);
  return `${Math.max(2, Math.min(16, Math.floor(INDENT / deepest)))}px`;
}

/**
 * @param {Node} node
 * @param {{ length: number, colour: string, selected: boolean, folded: boolean, words: string, hit: boolean }} how
 */
export function spanRow(node, { length, colour, selected, folded, words, hit }) {
  const { span, depth, children, orphan } = node;
  const failed = isError(span);
  const classes = [colour, failed && 'error', span.critical && 'critical', hit && 'hit'].filter(Boolean);
  const row = el(
    ['div', 'span', ...classes].join('.'),
    {
      role: 'treeitem',
      id: `s-${span.spanId}`,
      'data-id': span.spanId,
      'aria-level': depth + 1,
      'aria-posinset': node.place,
      'aria-setsize': node.siblings,
      'aria-expanded': children.length === 0 ? undefined : String(!folded),
      'aria-selected': String(selected),
      'aria-label': spoken(node, failed),
    },
    el(
      'div.name',
      {},
      el('i.guides'),
      children.length > 0
        ? el('i.twist', {}, icon('fold'), folded ? el('b', {}, String(node.last - node.index)) : undefined)
        : el('i.leaf'),
      failed ? icon('error') : el('i.dot'),
      orphan ? el('i.orphan', { title: 'Its parent is not here' }, '⤷') : undefined,
      el('span.what.cut', { title: span.name }, highlighted(span.name || '(no name)', words)),
      el('span.whose.cut', {}, highlighted(whose(node), words)),
    ),
    lane(node, length, failed),
  );
  setStyle(row, { '--depth': Math.min(depth, INDENT / 2) });
  return row;
}

/** Of a call also the service that answered. @param {Node} node */
function whose({ span, children }) {
  const calls = span.kind === 'client' || span.kind === 'producer';
  const callee = !calls ? undefined : children.find((child) => child.span.service !== span.service)?.span.service;
  return callee === undefined ? span.service : `${span.service} → ${callee}`;
}

/** @param {Node} node @param {number} length @param {boolean} failed */
function lane({ span }, length, failed) {
  const left = (Math.max(0, span.offsetMs) / length) * 100;
  const width = Math.min(100 - left, (span.durationMs / length) * 100);
  const right = left + width;
  const side = right < 84 ? 'after' : left > 16 ? 'before' : 'within';
  const label = el(`span.took.${side}`, {}, duration(span.durationMs));
  if (side === 'after') setStyle(label, { left: `${right}%` });
  else if (side === 'before') setStyle(label, { right: `${100 - left}%` });
  else setStyle(label, { left: `${left}%` });
  const events = span.events.slice(0, 50).map((event) =>
    el(`i.event${event.name === 'exception' ? '.bad' : ''}`, {
      style: { left: `${Math.min(100, Math.max(0, (event.offsetMs / length) * 100))}%` },
      title: `${event.name}, at ${duration(event.offsetMs)}`,
    }),
  );
  return el(
    'div.lane',
    {},
    el(`i.bar${failed ? '.failed' : ''}`, { style: { left: `${left}%`, width: `${width}%` } }),
    events,
    label,
  );
}

/** @param {Node} node @param {boolean} failed */
function spoken({ span }, failed) {
  const marks = [failed && 'error', span.critical && 'on the critical path'].filter(Boolean);
  return [span.name, span.service, ...marks, duration(span.durationMs)].join(', ');
}
