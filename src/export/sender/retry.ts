// When to try again. Pure.
import type { ExportLimits } from '../limits.ts';

type Waits = Pick<
  ExportLimits,
  'backoffBaseMs' | 'backoffCapMs' | 'absentCapMs' | 'retryAfterFloorMs' | 'retryAfterCapMs'
>;

/** Nobody is there: asking often burdens no one, and shortens the outage. */
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Refused, or answered by something that is no collector: waiting changes neither. */
export const nobodyThere = new Set([
  'ECONNREFUSED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'HPE_INVALID_CONSTANT',
  'HPE_INVALID_VERSION',
]);
/** Share of a `Retry-After` that is added by chance: a server names the same instant to a whole fleet. */
const SPREAD = 0.1;

/**
 * Doubling back-off with equal jitter: at least half of the step, so that it cannot become a busy loop, and at most the
 * whole, so that many processes do not return in the same instant.
 *
 * @param failures consecutive failed attempts, from 1
 * @param code of the last failure
 * @param random 0…1
 */
export function backoffMs(failures: number, code: string, waits: Waits, random: number): number {
  const cap = ABSENT.has(code) ? waits.absentCapMs : waits.backoffCapMs;
  const step = Math.min(cap, waits.backoffBaseMs * 2 ** Math.min(failures - 1, 30));
  return step / 2 + (step / 2) * random;
}

/**
 * `Retry-After` (RFC 9110 §10.2.3) in milliseconds, within floor and cap; undefined when it is neither a number of
 * seconds nor a date, so that the caller backs off on its own terms.
 *
 * @param wallNow `Date.now()`, for the date form
 */
export function parseRetryAfter(value: string | undefined, waits: Waits, wallNow: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  let ms: number;
  if (/^\d+$/.test(text)) ms = Number(text) * 1000;
  // All three HTTP date forms begin with the name of a weekday; `Date.parse` alone would take "-1" for a year.
  else if (/^[A-Za-z]{3,9},? /.test(text)) ms = Date.parse(text) - wallNow;
  else return undefined;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, waits.retryAfterFloorMs), waits.retryAfterCapMs);
}

/** Never earlier than asked for, nor later than the cap; what was cut down to the cap is spread below it. */
export function spreadMs(
  askedMs: number,
  { retryAfterCapMs: cap }: Pick<Waits, 'retryAfterCapMs'>,
  random: number,
): number {
  const least = askedMs >= cap ? cap * (1 - SPREAD) : askedMs;
  return least + (Math.min(cap, askedMs * (1 + SPREAD)) - least) * random;
}
