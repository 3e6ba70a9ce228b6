// @ts-check
// Makes elements. Text always becomes a text node; nothing on this page is ever parsed as HTML.

/** @typedef {Node | string | number | false | null | undefined} Child */

/**
 * @param {string} spec tag and classes: `div.row.error`
 * @param {Record<string, unknown>} [attributes] `on…` are listeners, `style` an object of properties, false and undefined leave out
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function el(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  return fill(document.createElement(tag || 'div'), classes, attributes, children);
}

/**
 * @param {string} spec
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function svg(spec, attributes = {}, ...children) {
  const [tag = 'svg', ...classes] = spec.split('.');
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), classes, attributes, children);
}

/**
 * @template {HTMLElement | SVGElement} T
 * @param {T} node
 * @param {string[]} classes
 * @param {Record<string, unknown>} attributes
 * @param {(Child | Child[])[]} children
 */
function fill(node, classes, attributes, children) {
  if (classes.length > 0) node.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'style') setStyle(node, /** @type {Record<string, string | number>} */ (value));
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== false)
      node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/**
 * Through the object model, which the content security policy allows; a style attribute it does not.
 * @param {HTMLElement | SVGElement} node
 * @param {Record<string, string | number>} style
 */
export function setStyle(node, style) {
  for (const [name, value] of Object.entries(style)) node.style.setProperty(name, String(value));
}

const PATHS = {
  error: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM5.6 5.6l4.8 4.8m0-4.8-4.8 4.8',
  slow: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.5V8l2.4 1.6',
  kept: 'M3 8.4l3.2 3.2L13 4.8',
  dropped: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z',
  hand: 'M3.5 2h9v12L8 10.6 3.5 14Z',
  fold: 'M6 4l4 4-4 4',
  close: 'M4 4l8 8m0-8-8 8',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 14 14',
  pause: 'M5.5 3.5v9m5-9v9',
  play: 'M5 3.5v9l7-4.5Z',
  map: 'M2 3.5h4v3H2ZM10 9.5h4v3h-4ZM6 5h3.5a1.5 1.5 0 0 1 1.5 1.5V9.5',
  compare: 'M2.5 4.5h7m-7 3h4M6.5 11.5h7m-4-3h4',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  download: 'M8 2v8m-3-3 3 3 3-3M2.5 13.5h11',
  upload: 'M8 10V2M5 5l3-3 3 3M2.5 13.5h11',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1',
  dark: 'M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z',
  auto: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 2v12m2-11.4v10.8m2-8.9v7',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.6M8 12.4v.1',
  column: 'M2.5 3h11v10h-11ZM9.5 3v10',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name */
export function icon(name) {
  return svg(`svg.icon.i-${name}`, { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: PATHS[name] }));
}

/**
 * @param {IconName} name
 * @param {string} label what it does, for the tooltip and for screen readers
 * @param {(event: Event) => void} onclick
 * @param {Record<string, unknown>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, label, onclick, attributes = {}) {
  const button = el(
    'button.plain',
    { type: 'button', title: label, 'aria-label': label, onclick, ...attributes },
    icon(name),
  );
  return /** @type {HTMLButtonElement} */ (button);
}
