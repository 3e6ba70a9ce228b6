// @ts-check
// The right pane: one span. What went wrong stands first, then what it was asked to do, then the rest.
import { attributeTable } from './attributes.js';
import { serviceColour } from './colours.js';
import { el, icon, iconButton } from './dom.js';
import { exceptionBox } from './exception.js';
import { counted, duration, percent } from './format.js';
import { exceptionOf, isError } from './tree.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./attributes.js').AttributeActions} AttributeActions */

/**
 * @param {HTMLElement} pane
 * @param {AttributeActions & { onLink(traceId: string, spanId: string): void, onError(step: number): void }} options
 */
export function createDetail(pane, options) {
  const box = el('div.inside.scroll', { tabindex: '0', 'aria-label': 'Span', role: 'region' });
  pane.append(box);

  /** @param {Node} node @param {number} traceMs @param {Node[]} errors */
  function show(node, traceMs, errors) {
    const { span, parent, children } = node;
    const exception = exceptionOf(span);
    const place = errors.indexOf(node);
    box.replaceChildren(
      el(
        'header.who',
        {},
        el(
          'p.kind',
          {},
          el(`i.dot.${serviceColour(span.service)}`),
          el('strong', {}, span.service),
          el('span', {}, span.kind),
          span.critical ? el('span', { title: 'It held the root up' }, 'critical path') : false,
        ),
        el('h2', {}, span.name || '(no name)'),
        errors.length > 1
          ? el(
              'p.errors',
              {},
              icon('error'),
              place >= 0 ? `error ${place + 1} of ${errors.length}` : counted(errors.length, 'error'),
              iconButton('fold', 'Next error (e)', () => options.onError(1)),
            )
          : false,
      ),
      el(
        'dl.times',
        {},
        figure(
          'took',
          duration(span.durationMs),
          traceMs > 0 && traceMs > span.durationMs ? `${percent(span.durationMs / traceMs)} of the trace` : '',
        ),
        figure(
          'started at',
          duration(Math.max(0, span.offsetMs)),
          parent ? `${duration(Math.max(0, span.offsetMs - parent.span.offsetMs))} into its parent` : '',
        ),
        figure(
          'itself',
          duration(span.selfMs),
          children.length > 0 ? `${counted(children.length, 'child', 'children')} aside` : 'no children',
        ),
      ),
      ...parts(node, exception),
    );
    box.scrollTop = 0;
  }

  /** @param {Node} node @param {ReturnType<typeof exceptionOf>} exception */
  function parts({ span }, exception) {
    const others = span.events.filter((event) => event !== exception);
    const decision = Object.entries(span.attributes).filter(([key]) => key.startsWith('keeptrace.'));
    const own = Object.entries(span.attributes).filter(([key]) => !key.startsWith('keeptrace.'));
    const lost = [
      [span.dropped.attributes, 'attribute', 'attributes'],
      [span.dropped.events, 'event', 'events'],
      [span.dropped.links, 'link', 'links'],
    ].flatMap(([number, one, many]) =>
      Number(number) > 0 ? [counted(Number(number), String(one), String(many))] : [],
    );
    return [
      exception ? exceptionBox(exception.attributes, span) : isError(span) ? failure(span) : '',
      section('Attributes', own.length, attributeTable(own, options)),
      decision.length > 0 ? section('Why it was kept', 0, attributeTable(decision, options)) : '',
      section('Links', span.links.length, el('ul.links', {}, span.links.map(link))),
      section(
        'Events',
        others.length,
        el(
          'ol.events',
          {},
          others.map((event) =>
            el(
              'li',
              {},
              el('p', {}, el('strong', {}, event.name), el('span', {}, `+${duration(event.offsetMs)}`)),
              attributeTable(Object.entries(event.attributes), options),
            ),
          ),
        ),
      ),
      lost.length > 0 ? el('p.lost', {}, `${lost.join(', ')} dropped by the limits of the SDK.`) : '',
      folded('Resource', attributeTable(Object.entries(span.resource), options)),
      folded('Ids', attributeTable(ids(span), undefined)),
    ];
  }

  /** @param {import('./api.js').SpanJson['links'][number]} link */
  function link({ traceId, spanId, attributes, here }) {
    const target = el(
      'button.plain.target',
      { type: 'button', disabled: !here, onclick: () => options.onLink(traceId, spanId) },
      icon('link'),
      el('code', {}, `${traceId.slice(0, 8)}…/${spanId}`),
      here ? 'follow' : 'not held here',
    );
    return el('li', {}, target, attributeTable(Object.entries(attributes), options));
  }

  return {
    box,
    show,
    clear: () => box.replaceChildren(),
    replace: (/** @type {(Node | HTMLElement)[]} */ ...content) =>
      box.replaceChildren(.../** @type {HTMLElement[]} */ (content)),
  };
}

/** @param {string} word @param {string} value @param {string} note */
const figure = (word, value, note) =>
  el('div', {}, el('dt', {}, word), el('dd', {}, value, note ? el('small', {}, note) : false));

/** @param {string} title @param {number} number @param {HTMLElement} content */
function section(title, number, content) {
  if (content.childElementCount === 0) return '';
  return el('section', {}, el('h3', {}, title, number > 1 ? el('small', {}, String(number)) : false), content);
}

/** @param {string} title @param {HTMLElement} content */
function folded(title, content) {
  return el('details', {}, el('summary', {}, title, el('small', {}, String(content.childElementCount))), content);
}

/** @param {import('./api.js').SpanJson} span */
function failure({ statusMessage, attributes }) {
  const code = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  const type = attributes['error.type'];
  const words = statusMessage || (code === undefined ? String(type ?? 'marked as an error') : `HTTP ${code}`);
  return el(
    'section.failure',
    {},
    el('h3', {}, icon('error'), words),
    el('p', {}, 'No exception was recorded on this span.'),
  );
}

/** @param {import('./api.js').SpanJson} span @returns {[string, unknown][]} */
function ids({ spanId, parentSpanId, traceState, flags, scope, status }) {
  return [
    ['span id', spanId],
    ...(parentSpanId === undefined ? [] : [/** @type {[string, unknown]} */ (['parent', parentSpanId])]),
    ['status', status],
    ['flags', (flags & 0xff).toString(16).padStart(2, '0')],
    ...(traceState === '' ? [] : [/** @type {[string, unknown]} */ (['tracestate', traceState])]),
    ['scope', [scope.name, scope.version].filter(Boolean).join(' ')],
  ];
}
