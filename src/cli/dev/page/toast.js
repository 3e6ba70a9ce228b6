// @ts-check
// Says a sentence in passing, to the eye and to screen readers.
import { el } from './dom.js';

const SHOWN_MS = 2600;
let timer = 0;
let shown = el('div');

/** @param {string} text */
export function toast(text) {
  clearTimeout(timer);
  shown.remove();
  shown = el('div.toast', {}, text);
  document.body.append(shown);
  say(text);
  timer = setTimeout(() => shown.remove(), SHOWN_MS);
}

/** Only to screen readers. @param {string} text */
export function say(text) {
  document.getElementById('status')?.replaceChildren(text);
}
