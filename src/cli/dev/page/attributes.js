// @ts-check
// Keys and values of a span, each with what can be done with it.
import { copy } from './copy.js';
import { el, iconButton } from './dom.js';
import { quote } from './filter-text.js';
import { valueText } from './format.js';

/** @typedef {{ onFilter(token: string): void, onColumn(key: string): void }} AttributeActions */

const LONG = 400;

/** @param {[string, unknown][]} entries @param {AttributeActions | undefined} actions */
export function attributeTable(entries, actions) {
  return el(
    'dl.bag',
    {},
    entries.map(([key, value]) => row(key, value, actions)),
  );
}

/** @param {string} key @param {unknown} value @param {AttributeActions | undefined} actions */
function row(key, value, actions) {
  const text = valueText(value);
  return el(
    'div',
    {},
    el('dt', { title: key }, breakable(key)),
    el('dd', {}, content(value, text)),
    el(
      'span.tools',
      {},
      actions &&
        text.length < LONG &&
        iconButton('filter', `Only traces with ${key} = this`, () => actions.onFilter(`${key}=${quote(text)}`)),
      actions && iconButton('column', `Show ${key} in each row of the list`, () => actions.onColumn(key)),
      iconButton('copy', 'Copy the value', () => void copy(text)),
    ),
  );
}

/** A narrow pane breaks a key after its dots before it breaks a word. @param {string} key */
const breakable = (key) => key.split(/(?<=[._])/).flatMap((part, at) => (at === 0 ? [part] : [el('wbr'), part]));

/** @param {unknown} value @param {string} text */
function content(value, text) {
  if (typeof value === 'string') {
    if (text.length <= LONG && !text.includes('\n'))
      return text === '' ? el('span.muted', {}, '(empty)') : el('span', {}, text);
    return el('pre.long', { tabindex: '0' }, text);
  }
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return el('span', {}, value.map(valueText).join(', '));
  return el('span.value', {}, text);
}
