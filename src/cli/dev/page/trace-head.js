// @ts-check
// Over and under the waterfall: what the trace is, what production would make of it, which colour is whose.
import { el, icon, iconButton } from './dom.js';
import { clock, counted, duration } from './format.js';
import { sentence } from './verdict.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./api.js').SpanJson} SpanJson */
/** @typedef {import('./api.js').TraceSummary} TraceSummary */

/** What fits beside the critical path. */
const LEGEND_LETTERS = 70;

/**
 * @param {TraceSummary} summary
 * @param {Node | undefined} root
 * @param {{ onClose(): void, onCompare(): void, onCopy(): void }} actions
 * @returns {HTMLElement[]}
 */
export function traceHead(summary, root, { onClose, onCompare, onCopy }) {
  const { traceId, name, error, slow, verdict } = summary;
  const mark = error ? icon('error') : slow ? icon('slow') : false;
  const save = el(
    'a.plain',
    {
      href: `/api/traces/${traceId}/otlp`,
      download: `trace-${traceId}.json`,
      title: 'Save as OTLP/JSON',
      'aria-label': 'Save this trace as OTLP/JSON',
      role: 'button',
    },
    icon('download'),
  );
  return [
    el(
      'div.titles',
      {},
      el('h1.cut', { title: name }, mark, name || '(no name)'),
      el(
        'span.actions',
        {},
        iconButton('compare', 'Compare with another trace (c)', onCompare),
        iconButton('link', 'Copy the link to this trace (y)', onCopy),
        save,
        iconButton('close', 'Close the trace (Esc)', onClose),
      ),
    ),
    el('div.facts', {}, facts(summary, root)),
    sentence(verdict),
  ];
}

/** @param {TraceSummary} summary @param {Node | undefined} root */
function facts({ durationMs, spans, startMs, partial }, root) {
  const after = root && !root.orphan ? durationMs - root.span.durationMs - root.span.offsetMs : 0;
  return [
    el('strong', {}, duration(durationMs)),
    after > durationMs * 0.02 &&
      el('span', { title: 'The root had ended by then.' }, `${duration(after)} of it after the answer`),
    el('span', {}, counted(spans, 'span')),
    el('time', {}, clock(startMs, true)),
    partial && el('span.warn', { title: 'The span that all others hang on was not sent here' }, 'root not here'),
  ];
}

/** @param {SpanJson[]} spans @param {(span: SpanJson) => string} colourOf */
export function legendOf(spans, colourOf) {
  const oneService = new Set(spans.map(({ service }) => service)).size === 1;
  const names = new Map(spans.map((span) => [oneService ? span.name : span.service, span]));
  const shown = [];
  let letters = 0;
  for (const [name, span] of names) {
    letters += name.length + 4;
    if (letters > LEGEND_LETTERS) break;
    shown.push(el('span', {}, el(`i.dot.${colourOf(span)}`), name));
  }
  const rest = names.size - shown.length;
  return rest > 0 ? [...shown, el('span', {}, `and ${rest} more`)] : shown;
}
