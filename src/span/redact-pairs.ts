// Owns `name=value` and `name: value` inside a text: URLs in error messages, connection strings, JSON, headers.
import type { SecretNames } from './redact-names.ts';

const nameLimit = 80;
const nameChar = /[\w.%~[\]-]/;
const valueEnd = /[\s&;,"'`<>(){}|\\#]/;
/** After these a colon announces the secret even without quotes: `password: hunter2`. Not `token:`, as in `Unexpected token: x`. */
const colonNames = /(?:password|passwd|pwd|pw|otp|passphrase|secret|api[-_]?key|authorization|cookie)$/i;
/** Whole header lines: their values hold spaces and semicolons. */
const headerNames = /(?:authorization|cookie)$/i;

/** Replaces the values of secret names by `REDACTED`. One pass; at each sign it looks back and ahead a bounded way. */
export function redactPairs(text: string, names: SecretNames): string {
  let result = '';
  let copied = 0;
  for (let at = 1; at < text.length; at += 1) {
    const sign = text[at];
    if (sign !== '=' && sign !== ':') continue;
    const name = nameBefore(text, at);
    if (name === undefined) continue;
    const secret = name.inQuery ? names.parameter(name.text) : names.key(name.text);
    if (!secret) continue;
    const value = valueAfter(text, at + 1, sign, name.text);
    if (value === undefined || value.start < copied) continue;
    if (names.counts(name.text, text.slice(value.start, Math.min(value.end, value.start + 10)))) continue;
    result += `${text.slice(copied, value.start)}REDACTED`;
    copied = value.end;
    at = Math.max(at, value.end - 1);
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function nameBefore(text: string, sign: number): { text: string; inQuery: boolean } | undefined {
  let end = sign;
  for (let spaces = 0; spaces < 3 && text[end - 1] === ' '; spaces += 1) end -= 1;
  if (text[end - 1] === '"' || text[end - 1] === "'") end -= 1;
  if (text[end - 1] === '\\') end -= 1;
  let start = end;
  while (start > 0 && end - start < nameLimit && nameChar.test(text[start - 1] as string)) start -= 1;
  if (start === end) return undefined;
  const before = text[start - 1];
  return { text: text.slice(start, end), inQuery: before === '?' || before === '&' || before === ';' };
}

function valueAfter(
  text: string,
  after: number,
  sign: string,
  name: string,
): { start: number; end: number } | undefined {
  // `:password => "x"` of Ruby and PHP; what follows an arrow without quotes is code.
  const arrow = sign === '=' && text[after] === '>';
  let start = arrow ? after + 1 : after;
  for (let spaces = 0; spaces < 3 && text[start] === ' '; spaces += 1) start += 1;
  const escaped = text[start] === '\\' && /["']/.test(text[start + 1] ?? '');
  const quote = text[escaped ? start + 1 : start];
  if (quote === '"' || quote === "'" || quote === '`') {
    start += escaped ? 2 : 1;
    return { start, end: closing(text, start, quote, escaped) };
  }
  if (arrow) return undefined;
  if (sign === ':' && (!colonNames.test(name) || text.startsWith('//', start))) return undefined;
  if (sign === ':' && headerNames.test(name)) {
    const line = text.indexOf('\n', start);
    return { start, end: line < 0 ? text.length : line };
  }
  let end = start;
  while (end < text.length && !valueEnd.test(text[end] as string)) end += 1;
  return end === start ? undefined : { start, end };
}

function closing(text: string, start: number, quote: string, escaped: boolean): number {
  if (escaped) {
    const end = text.indexOf(`\\${quote}`, start);
    return end < 0 ? text.length : end;
  }
  for (let i = start; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === quote) return i;
  }
  return text.length;
}
