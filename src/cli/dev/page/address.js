// @ts-check
// The part of the address after `#`: each view can be linked to.

/**
 * @typedef {{ view: 'home' } | { view: 'map' } | { view: 'trace', traceId: string, spanId?: string }
 *   | { view: 'compare', traceId: string, other: string }} Place
 */

/** @param {string} hash @returns {Place} */
export function placeOf(hash) {
  const text = hash.replace(/^#/, '').toLowerCase();
  if (text === 'map') return { view: 'map' };
  const pair = /^([0-9a-f]{32})\.\.([0-9a-f]{32})$/.exec(text);
  if (pair) return { view: 'compare', traceId: String(pair[1]), other: String(pair[2]) };
  const one = /^([0-9a-f]{32})(?:\/([0-9a-f]{16}))?$/.exec(text);
  if (one) return { view: 'trace', traceId: String(one[1]), ...(one[2] ? { spanId: one[2] } : {}) };
  return { view: 'home' };
}

/** @param {Place} place */
export function hashOf(place) {
  if (place.view === 'map') return '#map';
  if (place.view === 'compare') return `#${place.traceId}..${place.other}`;
  if (place.view === 'trace') return `#${place.traceId}${place.spanId ? `/${place.spanId}` : ''}`;
  return '#';
}

/** Browsers are slow at this, and a held key would do it 30 times a second. */
const SOON_MS = 120;
let timer = 0;
/** @type {string | undefined} */
let waiting;

/** As a step that Back undoes. @param {string} hash */
export function writeNow(hash) {
  flushAddress();
  if (hash !== (location.hash || '#')) history.pushState(null, '', hash);
}

/** In place of the current one. @param {string} hash */
export function writeSoon(hash) {
  clearTimeout(timer);
  waiting = hash;
  timer = setTimeout(flushAddress, SOON_MS);
}

/** @param {boolean} [write] false leaves it out */
export function flushAddress(write = true) {
  clearTimeout(timer);
  if (write && waiting !== undefined) history.replaceState(null, '', waiting);
  waiting = undefined;
}
