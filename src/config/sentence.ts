// Puts a problem into words, always in the same order, and keeps secrets and control characters out of them.
import type { ProblemCode } from './problem-codes.ts';
import type { Origin, Problem } from './problems.ts';

export interface Complaint {
  code: ProblemCode;
  origin: Origin;
  severity?: 'error' | 'warning';
  /** The value as it was set; left out of the message when undefined. Must already be free of secrets. */
  shown?: string | undefined;
  /** Continues the first sentence: `is not a number`. */
  why: string;
  expected?: string | undefined;
  now?: string | undefined;
  /** The whole line to write instead. */
  write?: string | undefined;
}

export function toProblem(complaint: Complaint): Problem {
  const { code, origin, severity = 'warning', shown, why, expected, now, write } = complaint;
  const subject = shown === undefined ? origin.name : assignment(origin, shown);
  const parts = [`${subject} ${why}${why.endsWith('?') ? '' : '.'}`];
  if (expected) parts.push(`Expected: ${expected}.`);
  if (now) parts.push(`Now: ${now}.`);
  if (write) parts.push(`Write: ${write}`);
  return { code, severity, origin, message: parts.join(' ') };
}

/** The line that sets a value, in the language of its origin. */
export function assignment(origin: Pick<Origin, 'kind' | 'name'>, value: string): string {
  return origin.kind === 'code' ? `${origin.name}: ${value}` : `${origin.name}=${value}`;
}

const MAX_SHOWN = 80;
/** A line to be pasted is of use only as a whole. */
export const MAX_WRITTEN = 300;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A value as it may stand in a log line: one line, short, without URL credentials or query. */
export function printable(value: unknown, most = MAX_SHOWN): string {
  const text = typeof value === 'string' ? value : describe(value);
  const clean = withoutUrlSecrets(text).replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}

/**
 * Hides userinfo, query and fragment. Works on text that is not a URL at all, because a value too broken to be parsed
 * is the one that gets printed; so everything before the last `@` goes, even where the URL grammar would read a path.
 */
export function withoutUrlSecrets(text: string): string {
  const at = text.lastIndexOf('@');
  const scheme = /^\s*["']?[a-z][a-z0-9+.-]*:[\\/]+/i.exec(text)?.[0] ?? '';
  const bare = at >= scheme.length && at !== -1 ? `${scheme}***@${text.slice(at + 1)}` : text;
  const cut = bare.search(/[?#]./s);
  return cut === -1 ? bare : `${bare.slice(0, cut + 1)}…`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => describe(entry)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return `'${value}'`;
  return String(value);
}
