// @ts-check
// The keyboard. Esc goes one step back wherever one stands; letters mean the same everywhere but in a field.
import { closeOverlay, overlayIsOpen, toggleHelp } from './help.js';

/**
 * @param {{
 *   place(): import('./address.js').Place, list: ReturnType<typeof import('./list.js').createList>,
 *   view: ReturnType<typeof import('./trace-view.js').createTraceView>, detail: ReturnType<typeof import('./detail.js').createDetail>,
 *   go(place: import('./address.js').Place): void, catchUp(): void, pause(): void, compare(): void, copyLink(): void, errors(step: number): void,
 * }} app
 */
export function listenToKeys({ place, list, view, detail, go, catchUp, pause, compare, copyLink, errors }) {
  const inTrace = () => place().view === 'trace';

  /** @type {Record<string, () => void>} */
  const letters = {
    f: () => focus(list.bar.input),
    '/': () => focus(inTrace() ? view.search.input : list.bar.input),
    e: () => inTrace() && errors(1),
    E: () => inTrace() && errors(-1),
    n: () => inTrace() && view.search.step(1),
    N: () => inTrace() && view.search.step(-1),
    x: () => inTrace() && view.togglePath(),
    c: () => inTrace() && compare(),
    y: () => inTrace() && copyLink(),
    m: () => go(place().view === 'map' ? { view: 'home' } : { view: 'map' }),
    p: pause,
    '.': catchUp,
    t: () => /** @type {HTMLElement | null} */ (document.querySelector('#bar .plain[title$="(t)"]'))?.click(),
    '?': toggleHelp,
  };

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const inField = target.matches('input, select, textarea');
    if (event.key === 'Escape') back(event, target, inField);
    else if (inField) {
      if (event.key === 'ArrowDown' && target.matches('[type="text"]:not([list])')) use(event, () => fromField(target));
      else if (event.key === 'Enter' && target === list.bar.input) use(event, () => fromField(target));
    } else if (overlayIsOpen()) return;
    else if (letters[event.key]) use(event, /** @type {() => void} */ (letters[event.key]));
    else if (target === view.body) view.key(event) && event.preventDefault();
    else if (target === list.box || target === document.body) inList(event);
  });

  /** @param {KeyboardEvent} event */
  function inList(event) {
    const page = Math.max(1, Math.floor(list.box.clientHeight / 58) - 1);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -1e6, End: 1e6 }[
      event.key
    ];
    if (step !== undefined) use(event, () => list.move(step));
    else if (event.key === 'Enter' || event.key === 'ArrowRight')
      use(event, () => (inTrace() ? view.body.focus() : list.move(0)));
  }

  /** @param {HTMLElement} field */
  function fromField(field) {
    if (field === view.search.input) return view.body.focus();
    list.box.focus();
    if (!inTrace()) list.move(0);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target @param {boolean} inField */
  function back(event, target, inField) {
    if (overlayIsOpen()) return use(event, closeOverlay);
    if (inField && target instanceof HTMLInputElement && target.value !== '' && target.type === 'text') {
      target.value = '';
      target.dispatchEvent(new Event(target.hasAttribute('list') ? 'change' : 'input'));
      return use(event, () => {});
    }
    if (target === view.search.input || detail.box.contains(target)) return use(event, () => view.body.focus());
    if (inField || target === view.body) return use(event, () => list.box.focus());
    const now = place();
    if (now.view === 'compare') return use(event, () => go({ view: 'trace', traceId: now.traceId }));
    if (now.view !== 'home') use(event, () => go({ view: 'home' }));
  }
}

/** @param {KeyboardEvent} event @param {() => void} act */
function use(event, act) {
  event.preventDefault();
  act();
}

/** @param {HTMLInputElement} input */
function focus(input) {
  input.focus();
  input.select();
}
