// Whether a value is what a test asks for: the value itself, a pattern, or a runner's own `expect.any(Number)`.
import { inspect, isDeepStrictEqual, types } from 'node:util';

/** A text, or a pattern for one. */
export type TextPattern = string | RegExp;

export function matchesText(pattern: TextPattern, text: string): boolean {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(text);
  // `test` of a pattern with the flag g goes on where the last one ended.
  return typeof pattern === 'string' ? pattern === text : text.search(pattern) !== -1;
}

export function matchesValue(wanted: unknown, value: unknown): boolean {
  if (types.isRegExp(wanted)) return typeof value === 'string' && matchesText(wanted, value);
  if (isAsymmetric(wanted)) return wanted.asymmetricMatch(value);
  if (typeof wanted === 'bigint' || typeof value === 'bigint') return String(wanted) === String(value);
  return isDeepStrictEqual(wanted, value);
}

export function show(value: unknown): string {
  if (isAsymmetric(value)) return asymmetricText(value);
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}

/** What `expect.any(Number)` and the like of vitest and jest are; their types say `any`. */
interface Asymmetric {
  asymmetricMatch(value: unknown): boolean;
  toAsymmetricMatcher?(): string;
  sample?: unknown;
}

function asymmetricText(matcher: Asymmetric): string {
  const text = String(matcher);
  if (/^Any/.test(text)) return matcher.toAsymmetricMatcher?.() ?? text;
  return matcher.sample === undefined ? text : `${text} ${show(matcher.sample)}`;
}

export function isAsymmetric(value: unknown): value is Asymmetric {
  return typeof (value as Partial<Asymmetric> | null | undefined)?.asymmetricMatch === 'function';
}
