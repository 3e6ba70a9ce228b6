// @ts-check
// Owns which colour a service has: handed out in the order of first sight, so that no two collide while there are enough.

export const SWATCHES = 20;

/** @type {Map<string, number>} */
const services = new Map();

/** @param {string} service @returns {string} a class that sets `--c` and `--on-c` */
export function serviceColour(service) {
  return swatch(services, service);
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
