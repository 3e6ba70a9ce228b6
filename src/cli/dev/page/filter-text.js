// @ts-check
// The filter is one line of text, so that it can be read, typed and copied; buttons only write into it. Pure.

/**
 * @typedef {object} Filter
 * @property {string[]} services
 * @property {boolean} error
 * @property {boolean} slow
 * @property {number | undefined} minMs
 * @property {number | undefined} maxMs
 * @property {string[]} attributes `key=value`, or `key` for any value
 * @property {string} text
 * @property {string[]} without words that must not be in the name or the services
 */

const TOKEN = /(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g;
const UNITS = /** @type {Record<string, number>} */ ({ us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000 });

/** @param {string} line @returns {string[]} */
export const tokens = (line) => line.match(TOKEN) ?? [];

/** @param {string} line @returns {Filter} */
export function parseFilter(line) {
  /** @type {Filter} */
  const filter = {
    services: [],
    error: false,
    slow: false,
    minMs: undefined,
    maxMs: undefined,
    attributes: [],
    text: '',
    without: [],
  };
  const words = [];
  for (const token of tokens(line)) {
    const time = /^([<>])=?([\d.]+)(us|µs|ms|s|m|min)?$/.exec(token);
    const pair = /^([^\s="<>]+)=(.*)$/.exec(token);
    if (token === 'is:error') filter.error = true;
    else if (token === 'is:slow') filter.slow = true;
    else if (/^-./.test(token)) filter.without.push(unquote(token.slice(1)).toLowerCase());
    else if (token.startsWith('service:')) filter.services.push(unquote(token.slice(8)));
    else if (token.startsWith('has:')) filter.attributes.push(unquote(token.slice(4)));
    else if (time) filter[time[1] === '>' ? 'minMs' : 'maxMs'] = Number(time[2]) * (UNITS[time[3] ?? 'ms'] ?? 1);
    else if (pair) filter.attributes.push(`${pair[1]}=${unquote(pair[2] ?? '')}`);
    else words.push(unquote(token));
  }
  filter.text = words.join(' ');
  return filter;
}

/** @param {string} token */
const unquote = (token) => token.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1');

/** @param {string} value */
export const quote = (value) => (/^[^\s"\\]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);

/**
 * @param {string} line
 * @param {RegExp} replaced tokens of this kind go
 * @param {string} [token] and this one comes
 */
export function withToken(line, replaced, token) {
  const kept = tokens(line).filter((known) => !replaced.test(known) && known !== token);
  return [...kept, ...(token ? [token] : [])].join(' ');
}

/** @param {string} line @param {string} column @returns {URLSearchParams | undefined} undefined when all are wanted */
export function queryOf(line, column) {
  const { services, error, slow, minMs, maxMs, attributes, text } = parseFilter(line);
  const query = new URLSearchParams();
  for (const service of services) query.append('service', service);
  if (error) query.set('error', '1');
  if (slow) query.set('slow', '1');
  if (minMs !== undefined) query.set('minMs', String(minMs));
  if (maxMs !== undefined) query.set('maxMs', String(maxMs));
  for (const attribute of attributes) query.append('attribute', attribute);
  if (text !== '') query.set('text', text);
  if (column !== '') query.set('column', column);
  return [...query.keys()].length === 0 ? undefined : query;
}

/** What the server is not asked for: mostly health checks that drown the rest. @param {string} line */
export function exceptOf(line) {
  const { without } = parseFilter(line);
  if (without.length === 0) return undefined;
  return (/** @type {{ name: string, services: string[] }} */ { name, services }) =>
    !without.some((word) => [name, ...services].some((text) => text.toLowerCase().includes(word)));
}
