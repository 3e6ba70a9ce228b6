// @ts-check
// Owns which colour a service has: handed out in the order of first sight, so that no two collide while there are enough.

export const SWATCHES = 20;
const KEY = 'keeptrace.services';

/** Of this tab, so that a reload does not paint everything anew. @type {Map<string, number>} */
const services = new Map(recalled().map((name, at) => [name, at]));

/** @param {string} service @returns {string} a class that sets `--c` */
export function serviceColour(service) {
  if (!services.has(service)) {
    services.set(service, services.size);
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...services.keys()].slice(0, 200)));
    } catch {
      // Then a reload hands out anew.
    }
  }
  return swatch(services, service);
}

/** @returns {string[]} */
function recalled() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}

/**
 * Of one trace: by service, or by span name where it has a single service.
 * @param {{ name: string, service: string }[]} spans
 * @returns {(span: { name: string, service: string }) => string}
 */
export function traceColours(spans) {
  for (const { service } of spans) serviceColour(service);
  if (new Set(spans.map(({ service }) => service)).size > 1) return ({ service }) => serviceColour(service);
  /** @type {Map<string, number>} */
  const names = new Map();
  return ({ name }) => swatch(names, name);
}

/** @param {Map<string, number>} given @param {string} name */
function swatch(given, name) {
  let index = given.get(name);
  if (index === undefined) {
    index = given.size;
    given.set(name, index);
  }
  return `c${index % SWATCHES}`;
}
