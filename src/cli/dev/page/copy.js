// @ts-check
import { toast } from './toast.js';

/** @param {string} text @param {string} [words] said afterwards */
export async function copy(text, words = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
    toast(words);
  } catch {
    toast('The browser did not allow copying');
  }
}
