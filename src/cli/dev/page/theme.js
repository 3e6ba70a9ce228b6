// @ts-check
// Light, dark, or as the system has it. Loaded first, so that nothing flashes.

const KEY = 'keeptrace.theme';
const ORDER = /** @type {const} */ (['auto', 'light', 'dark']);

/** @typedef {typeof ORDER[number]} Theme */

/** @returns {Theme} */
export function theme() {
  const stored = recall(KEY);
  return ORDER.find((name) => name === stored) ?? 'auto';
}

/** @returns {Theme} the next one, which holds from now on */
export function nextTheme() {
  const next = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length] ?? 'auto';
  remember(KEY, next);
  apply(next);
  return next;
}

/** @param {Theme} name */
function apply(name) {
  if (name === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', name);
}

/** Storage can be switched off in a browser; the page then forgets. @param {string} key */
export function recall(key) {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}

apply(theme());
