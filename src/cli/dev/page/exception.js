// @ts-check
// An exception with its stack, the frames of the application before those of others.
import { copy } from './copy.js';
import { el, icon, iconButton } from './dom.js';
import { valueText } from './format.js';

/** @param {Record<string, unknown>} attributes of the event @param {import('./api.js').SpanJson} span */
export function exceptionBox(attributes, { statusMessage }) {
  const type = valueText(attributes['exception.type'] ?? 'Exception');
  const message = valueText(attributes['exception.message'] ?? statusMessage);
  const stack = valueText(attributes['exception.stacktrace'] ?? '');
  return el(
    'section.failure',
    {},
    el(
      'h3',
      {},
      icon('error'),
      el('span', {}, type),
      iconButton('copy', 'Copy the exception', () => void copy(stack || `${type}: ${message}`, 'Exception copied')),
    ),
    el('p.message', {}, message),
    stack === ''
      ? el('p', {}, 'It was recorded without a stack.')
      : el('pre.stack.scroll', { tabindex: '0', 'aria-label': 'Stack' }, lines(stack, type, message)),
  );
}

/** @param {string} stack @param {string} type @param {string} message */
function lines(stack, type, message) {
  const said = stack.startsWith(`${type}: ${message}`)
    ? stack.slice(`${type}: ${message}`.length).replace(/^\n/, '')
    : stack;
  return said
    .split('\n')
    .slice(0, 200)
    .map((line) => {
      const frame = /^\s*at /.test(line);
      const foreign = frame && /node_modules|\(node:|at node:|<anonymous>/.test(line);
      const parts = frame ? /^(\s*at )(.*?)(\(?(?:file:\/\/)?[^\s()]*:\d+:\d+\)?)?$/.exec(line) : null;
      if (!parts) return el('span.line', {}, line, '\n');
      return el(
        `span.line${foreign ? '.foreign' : '.own'}`,
        {},
        'at ',
        el('b', {}, parts[2]),
        el('i', {}, shortened(parts[3] ?? '')),
        '\n',
      );
    });
}

/** The last folders of a path are those that tell files apart. @param {string} place */
function shortened(place) {
  const parts = place.split('/');
  if (parts.length <= 4) return place;
  return `${place.startsWith('(') ? '(' : ''}…/${parts.slice(-3).join('/')}`;
}
