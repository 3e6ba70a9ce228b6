// @ts-check
// Search inside a trace: names, services, messages, attributes, events, ids. The browser's own search sees only the rows that
// are drawn.
import { el, icon, iconButton } from './dom.js';
import { count, valueText } from './format.js';

/** @typedef {import('./tree.js').Node} Node */

/** @param {{ onFind(node: Node): void, onChange(): void }} options */
export function createSpanSearch({ onFind, onChange }) {
  /** @type {Node[]} */
  let tree = [];
  /** @type {Node[]} */
  let hits = [];
  /** @type {Set<Node>} */
  let isHit = new Set();
  let at = -1;
  /** What each span can be found by, made at the first search. @type {Map<Node, string>} */
  let texts = new Map();

  const input = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'text',
      id: 'find',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: 'Find in this trace',
      'aria-label': 'Find in this trace',
      oninput: () => run(true),
    })
  );
  const tally = el('span.tally', { role: 'status' });
  const previous = iconButton('fold', 'Previous (Shift+Enter)', () => step(-1), { class: 'plain up', hidden: true });
  const next = iconButton('fold', 'Next (Enter)', () => step(1), { class: 'plain down', hidden: true });
  const hint = el('kbd', {}, '/');
  const element = el('div.field.find', {}, icon('search'), input, hint, tally, previous, next);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });

  /** @param {boolean} jump */
  function run(jump) {
    const words = input.value.trim().toLowerCase();
    hits = words === '' ? [] : tree.filter((node) => textOf(node).includes(words));
    isHit = new Set(hits);
    at = hits.length > 0 ? 0 : -1;
    draw(words);
    onChange();
    if (jump && hits[0]) onFind(hits[0]);
  }

  /** @param {number} by */
  function step(by) {
    if (hits.length === 0) return;
    at = (at + by + hits.length) % hits.length;
    draw(input.value.trim());
    onFind(/** @type {Node} */ (hits[at]));
  }

  /** @param {string} words */
  function draw(words) {
    hint.hidden = words !== '';
    previous.hidden = next.hidden = hits.length === 0;
    tally.replaceChildren(words === '' ? '' : hits.length === 0 ? 'none' : `${count(at + 1)} of ${count(hits.length)}`);
  }

  /** @param {Node} node */
  function textOf(node) {
    let text = texts.get(node);
    if (text === undefined) {
      const { span } = node;
      const bags = [span.attributes, ...span.events.map(({ attributes }) => attributes)];
      text = [
        span.name,
        span.service,
        span.statusMessage,
        span.spanId,
        span.kind,
        ...span.events.map(({ name }) => name),
        ...bags.flatMap((bag) => Object.entries(bag).flatMap(([key, value]) => [key, `${key}=${valueText(value)}`])),
      ]
        .join('\n')
        .toLowerCase();
      texts.set(node, text);
    }
    return text;
  }

  return {
    element,
    input,
    step,
    words: () => input.value.trim(),
    /** @param {Node} node */
    isHit: (node) => isHit.has(node),
    reset() {
      input.value = '';
      draw('');
    },
    /** @param {Node[]} next */
    setTree(next) {
      tree = next;
      texts = new Map();
      run(false);
    },
  };
}

/** @param {string} text @param {string} words @returns {(string | HTMLElement)[]} */
export function highlighted(text, words) {
  const at = words === '' ? -1 : text.toLowerCase().indexOf(words.toLowerCase());
  if (at < 0) return [text];
  return [text.slice(0, at), el('mark', {}, text.slice(at, at + words.length)), text.slice(at + words.length)];
}
