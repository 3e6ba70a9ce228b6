// Makes a value of a setting fit for a screen, a file or an issue: no credentials, no characters that a terminal obeys.
import { withoutUrlSecrets } from '../config/sentence.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Userinfo and query of every address in the text are hidden, whatever setting it stands in. */
export function masked(text: string): string {
  const clean = text.includes('://') || text.includes('@') ? withoutUrlSecrets(text) : text;
  return withoutControls(clean);
}

/** Names without values, `x-api-key=***`. */
export function maskedPairs(pairs: Readonly<Record<string, string>>): string {
  return Object.keys(pairs)
    .map((name) => `${withoutControls(name)}=***`)
    .join(',');
}

export function withoutControls(text: string): string {
  return text.replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
