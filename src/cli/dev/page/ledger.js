// @ts-check
// Three buttons over the list: everything, what production keeps, what it would drop; below them the shares.
import { el, setStyle } from './dom.js';
import { count } from './format.js';
import { kindOf, STYLES } from './verdict.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */
/** @typedef {'kept' | 'dropped' | undefined} Choice */

const BUTTONS = /** @type {const} */ ([
  [undefined, 'here', 'All traces that arrived here'],
  ['kept', 'production keeps', 'Only what production would keep'],
  ['dropped', 'would drop', 'Only what production would drop'],
]);

/** @param {(choice: Choice) => void} onChoice */
export function createLedger(onChoice) {
  const numbers = BUTTONS.map(() => el('b', {}, '0'));
  const buttons = BUTTONS.map(([choice, words, title], at) =>
    el(
      'button',
      { type: 'button', title, 'aria-pressed': at === 0 ? 'true' : 'false', onclick: () => choose(choice) },
      numbers[at],
      el('span', {}, words),
    ),
  );
  const parts = STYLES.map((style) => el(`i.${style}`));
  const element = el(
    'div.ledger',
    { role: 'group', 'aria-label': 'What production would make of these traces' },
    buttons,
    el('div.shares', { 'aria-hidden': 'true' }, parts),
  );

  /** @param {Choice} choice */
  function choose(choice) {
    for (const [at, [mine]] of BUTTONS.entries()) buttons[at]?.setAttribute('aria-pressed', String(mine === choice));
    onChoice(choice);
  }

  /** @param {TraceSummary[]} traces */
  function update(traces) {
    /** @type {Record<string, number>} */
    const shares = {};
    let kept = 0;
    for (const { verdict } of traces) {
      const { style } = kindOf(verdict);
      shares[style] = (shares[style] ?? 0) + 1;
      if (verdict.kept) kept += 1;
    }
    for (const [at, value] of [traces.length, kept, traces.length - kept].entries())
      numbers[at]?.replaceChildren(count(value));
    STYLES.forEach((style, at) => {
      const part = /** @type {HTMLElement} */ (parts[at]);
      part.hidden = !shares[style];
      setStyle(part, { 'flex-grow': shares[style] ?? 0 });
    });
  }
  return { element, update, choose };
}
