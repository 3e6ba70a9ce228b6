// @ts-check
// Numbers as a reader wants them. Pure.

const SPACE = '\u202f';

/** @param {number} ms */
export function duration(ms) {
  if (ms < 0.0005) return `0${SPACE}ms`;
  if (ms < 1) return `${ms < 0.01 ? (ms * 1000).toFixed(0) : trim(ms * 1000)}${SPACE}µs`;
  if (ms < 1000) return `${ms < 100 ? trim(ms) : ms.toFixed(0)}${SPACE}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)}${SPACE}s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes}${SPACE}min ${Math.round((ms % 60_000) / 1000)}${SPACE}s`;
  return `${Math.floor(minutes / 60)}${SPACE}h ${minutes % 60}${SPACE}min`;
}

/** Without decimals that say nothing. @param {number} ms */
export const roundDuration = (ms) =>
  duration(ms)
    .replace(/(\d)\.0+(?=\u202f)/, '$1')
    .replace(/(\.\d*?[1-9])0+(?=\u202f)/, '$1');

/** @param {number} value */
const trim = (value) => (value < 10 ? value.toFixed(1).replace('.0', '') : value.toFixed(0));

/** @param {number} epochMs @param {boolean} [exact] with milliseconds */
export function clock(epochMs, exact = false) {
  const date = new Date(epochMs);
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return exact ? `${text}.${String(date.getMilliseconds()).padStart(3, '0')}` : text;
}

/** @param {number} value */
export const count = (value) => value.toLocaleString('en');

/** @param {number} number @param {string} word @param {string} [plural] */
export const counted = (number, word, plural = `${word}s`) => `${count(number)} ${number === 1 ? word : plural}`;

/** @param {number} share 0…1 */
export function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 1) return `<${SPACE}1${SPACE}%`;
  return `${value.toFixed(0)}${SPACE}%`;
}

/** @param {unknown} value an attribute */
export function valueText(value) {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '';
}

/**
 * Round steps for a time axis.
 * @param {number} spanMs
 * @param {number} wanted how many at most
 */
export function ticks(spanMs, wanted) {
  if (!(spanMs > 0)) return [0];
  const rough = spanMs / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough) ?? rough;
  const found = [];
  for (let at = 0; at <= spanMs; at += step) found.push(at);
  return found;
}
