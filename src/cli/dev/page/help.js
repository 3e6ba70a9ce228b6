// @ts-check
// What lies over the page: the keys, and how to read what is on it.
import { el, iconButton } from './dom.js';
import { badge } from './verdict.js';

const KEYS = /** @type {[string, [string, string][]][]} */ ([
  [
    'Anywhere',
    [
      ['/', 'find: in the trace, else in the list'],
      ['f', 'filter the list'],
      ['.', 'show what is new'],
      ['p', 'pause, go on'],
      ['m', 'service map'],
      ['t', 'light, dark, as the system'],
      ['Esc', 'one step back'],
      ['?', 'this help'],
    ],
  ],
  [
    'In the list',
    [
      ['j k', 'next, previous trace'],
      ['Enter', 'into the waterfall'],
    ],
  ],
  [
    'In a trace',
    [
      ['j k', 'next, previous span'],
      ['← →', 'fold, unfold'],
      ['Enter', 'into the span'],
      ['e E', 'next, previous error'],
      ['n N', 'next, previous match'],
      ['x', 'critical path only'],
      ['c', 'compare'],
      ['y', 'copy the link'],
    ],
  ],
  [
    'In the filter',
    [
      ['>500ms', 'took longer (also <2s)'],
      ['key=value', 'an attribute'],
      ['has:key', 'any value of it'],
      ['service:name', 'went through it'],
      ['-health', 'without this in its name'],
      ['is:error', 'also is:slow'],
    ],
  ],
]);

let sheet = /** @type {HTMLElement | undefined} */ (undefined);
let before = /** @type {Element | null} */ (null);

export const overlayIsOpen = () => sheet !== undefined;

export function closeOverlay() {
  sheet?.remove();
  sheet = undefined;
  if (before instanceof HTMLElement) before.focus();
}

export function toggleHelp() {
  if (sheet) return closeOverlay();
  before = document.activeElement;
  const close = iconButton('close', 'Close (Esc)', closeOverlay);
  sheet = el(
    'div.veil',
    { onclick: (/** @type {Event} */ event) => event.target === sheet && closeOverlay() },
    el(
      'div.sheet.scroll',
      { role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Keys and help' },
      el('header', {}, el('h2.grow', {}, 'Keys'), close),
      el(
        'div.keys',
        {},
        KEYS.map(([title, keys]) =>
          el(
            'section',
            {},
            el('h3', {}, title),
            el(
              'ul',
              {},
              keys.map(([key, words]) =>
                el(
                  'li',
                  {},
                  el('span', {}, words),
                  el(
                    'span',
                    {},
                    (key.includes(' ') ? key.split(' ') : [key]).map((one) => el('kbd', {}, one)),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
      el(
        'p.reading',
        {},
        badge({ kept: true, reason: 'error', text: '' }),
        badge({ kept: true, reason: 'slow', text: '' }),
        badge({ kept: true, reason: 'head', text: '' }),
        badge({ kept: false, reason: 'dropped', text: '' }),
        'say what production would make of a trace. Everything is shown here.',
      ),
    ),
  );
  sheet.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') {
      event.preventDefault();
      close.focus();
    }
  });
  document.body.append(sheet);
  close.focus();
}
