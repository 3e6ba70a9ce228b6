// @ts-check
// What stands here until the first trace comes: the exact lines that bring it.
import { copy } from './copy.js';
import { el, iconButton } from './dom.js';

/** @param {import('./api.js').About} about */
export function createWelcome({ url, paste, limit }) {
  return el(
    'div.welcome.scroll',
    {},
    el(
      'div.middle',
      {},
      el('div.radar', { 'aria-hidden': 'true' }, el('i'), el('i'), el('i')),
      el('h1', {}, 'Waiting for the first trace'),
      el(
        'p.lead',
        {},
        'Start a service with one of these lines, then send it a request. Listening on ',
        el('code', {}, url),
        '.',
      ),
      line('A Node service, as it is', paste.preload),
      line('A service in any language that has OpenTelemetry', paste.env),
      line('In code, before anything else is loaded', paste.code),
      el(
        'p.aside',
        {},
        `The last ${limit} traces are held in memory, and nothing leaves this machine. `,
        'Or drop a file of traces here.',
      ),
      line('Nothing arrives?', 'npx keeptrace doctor', 'quiet'),
    ),
  );
}

/** @param {string} words @param {string} text @param {string} [style] */
function line(words, text, style) {
  return el(
    `div.line${style ? `.${style}` : ''}`,
    {},
    el('span', {}, words),
    el(
      'div.code',
      {},
      el('code', { tabindex: '0' }, text),
      iconButton('copy', `Copy: ${text}`, () => void copy(text)),
    ),
  );
}
