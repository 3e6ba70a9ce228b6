// @ts-check
// The line of text that filters the list, and the buttons that write into it.
import { el, icon, iconButton } from './dom.js';
import { parseFilter, quote, withToken } from './filter-text.js';

const TIMES = ['10ms', '100ms', '500ms', '1s', '5s'];
const HINT = 'Words, key=value, >500ms, service:name, is:error, -health';

/** @param {{ onFilter(line: string): void, onColumn(key: string): void }} options */
export function createFilterBar({ onFilter, onColumn }) {
  const input = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'text',
      id: 'filter',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: 'Filter: text, key=value, >500ms',
      title: HINT,
      'aria-label': `Filter traces. ${HINT}`,
      oninput: () => changed(),
    })
  );
  const clear = iconButton('close', 'Clear the filter', () => write(''), { hidden: true });
  const hint = el('kbd', {}, 'f');
  const errors = toggle('error', 'Errors', 'is:error');
  const slow = toggle('slow', 'Slow', 'is:slow');
  const services = picker('Service', 'Service', (value) =>
    write(withToken(input.value, /^service:/, value && `service:${quote(value)}`)),
  );
  const times = picker('Duration', 'Time', (value) =>
    write(withToken(input.value, /^[<>][\d.]/, value && `>${value}`)),
  );
  times.append(...TIMES.map((time) => el('option', { value: time }, `> ${time.replace(/(\d)(\D)/, '$1 $2')}`)));
  const keys = el('datalist', { id: 'keys' });
  const column = /** @type {HTMLInputElement} */ (
    el('input', {
      type: 'text',
      list: 'keys',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: '+ Column',
      title: 'Show an attribute in each row, such as http.route',
      'aria-label': 'Attribute to show in each row',
      onchange: () => onColumn(column.value.trim()),
    })
  );
  const element = el(
    'search.filters',
    {},
    el('div.first', {}, el('div.field', {}, icon('search'), input, hint, clear), column, keys),
    el('div.choices', {}, errors, slow, services, times),
  );

  /** @param {import('./dom.js').IconName} name @param {string} words @param {string} token */
  function toggle(name, words, token) {
    const onclick = () => write(withToken(input.value, new RegExp(`^${token}$`), errorsOn(token) ? undefined : token));
    return el('button', { type: 'button', 'aria-pressed': 'false', onclick }, icon(name), words);
  }
  /** @param {string} token */
  const errorsOn = (token) => input.value.split(/\s+/).includes(token);

  /** @param {string} label @param {string} all @param {(value: string) => void} onPick */
  function picker(label, all, onPick) {
    const select = /** @type {HTMLSelectElement} */ (
      el('select', { 'aria-label': label, onchange: () => onPick(select.value) }, el('option', { value: '' }, all))
    );
    return select;
  }

  /** @param {string} line */
  function write(line) {
    input.value = line;
    changed();
  }

  function changed() {
    const filter = parseFilter(input.value);
    errors.setAttribute('aria-pressed', String(filter.error));
    slow.setAttribute('aria-pressed', String(filter.slow));
    services.value = filter.services.length === 1 ? (filter.services[0] ?? '') : '';
    const time = /(?:^|\s)>(\S+)/.exec(input.value)?.[1] ?? '';
    times.value = TIMES.includes(time) ? time : '';
    clear.hidden = input.value === '';
    hint.hidden = !clear.hidden;
    onFilter(input.value);
  }

  return {
    element,
    input,
    write,
    /** @param {string} token one more condition */
    add: (token) => write(withToken(input.value, /^$/, token)),
    /** @param {string} key */
    setColumn(key) {
      column.value = key;
      onColumn(key);
    },
    /** @param {Iterable<string>} names */
    setServices(names) {
      const known = new Set([...services.options].map(({ value }) => value));
      for (const name of names) if (!known.has(name)) services.append(el('option', { value: name }, name));
    },
    /** @param {Iterable<string>} names attribute keys that were seen */
    setKeys(names) {
      const known = new Set([...keys.children].map((option) => option.getAttribute('value')));
      for (const name of names) if (!known.has(name) && known.size < 300) keys.append(el('option', { value: name }));
    },
  };
}
