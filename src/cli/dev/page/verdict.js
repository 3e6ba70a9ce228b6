// @ts-check
// What production would make of a trace, in a word on each row and in a sentence above its waterfall.
import { el, icon } from './dom.js';
import { percent } from './format.js';

/** @typedef {import('../contract.ts').Verdict} Verdict */

/** @type {Record<string, { style: string, icon: import('./dom.js').IconName, word: string }>} */
const KINDS = {
  error: { style: 'v-error', icon: 'kept', word: 'kept: error' },
  slow: { style: 'v-slow', icon: 'kept', word: 'kept: slow' },
  manual: { style: 'v-other', icon: 'hand', word: 'kept: manual' },
  deadline: { style: 'v-slow', icon: 'kept', word: 'kept: slow entry' },
  error_late: { style: 'v-error', icon: 'kept', word: 'kept: late error' },
  response: { style: 'v-other', icon: 'kept', word: 'kept: callee' },
  bus: { style: 'v-other', icon: 'kept', word: 'kept: bus' },
  dropped: { style: 'v-dropped', icon: 'dropped', word: 'would drop' },
};

let share = '10\u202f%';

/** @param {number} ratio of normal traffic that production keeps */
export function setRatio(ratio) {
  share = percent(ratio);
}

/** @param {Verdict} verdict */
export function kindOf({ kept, reason }) {
  if (reason === 'head') return /** @type {const} */ ({ style: 'v-head', icon: 'kept', word: `kept: ${share}` });
  const known = Object.hasOwn(KINDS, reason) ? KINDS[reason] : undefined;
  if (known) return known;
  return /** @type {const} */ ({
    style: kept ? 'v-other' : 'v-dropped',
    icon: kept ? 'kept' : 'dropped',
    word: kept ? `kept: ${reason}` : 'would drop',
  });
}

/** @param {Verdict} verdict */
export function badge(verdict) {
  const kind = kindOf(verdict);
  return el(`span.verdict.${kind.style}`, { title: verdict.text }, icon(kind.icon), kind.word);
}

/** The whole sentence. @param {Verdict} verdict */
export function sentence(verdict) {
  const kind = kindOf(verdict);
  const [claim, why] = verdict.text.split(/: (.*)/s, 2);
  return el(
    `p.sentence.${kind.style}`,
    {},
    icon(kind.icon),
    el('strong', {}, sentenceCase(claim ?? '')),
    why ? el('span', {}, why) : undefined,
  );
}

/** @param {string} text */
const sentenceCase = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The order in which the parts of the ledger stand. */
export const STYLES = ['v-error', 'v-slow', 'v-other', 'v-head', 'v-dropped'];
