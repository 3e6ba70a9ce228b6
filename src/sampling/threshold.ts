// Owns the arithmetic of consistent sampling (OTEP 235): randomness of a trace, threshold of a rule, keep iff R >= T.
// Both are numbers from 0 up to 1; only 52 of the 56 bits are used, which is what a double holds exactly.

export interface Threshold {
  /** Share of the traces that are NOT kept. 0 keeps all, 1 none. */
  value: number;
  /** As written after `th:`, at most 12 hexadecimal digits without trailing zeros; undefined when nothing is kept. */
  text: string | undefined;
}

const keepAll: Threshold = { value: 0, text: '0' };
const keepNone: Threshold = { value: 1, text: undefined };

/** Hexadecimal digits after the leading `f`s: an error of the ratio below 2 parts in a thousand. */
const PRECISION = 4;
const MOST_DIGITS = 12;

/** @param ratio share to keep, 0…1 */
export function thresholdOf(ratio: number): Threshold {
  if (!(ratio > 0)) return keepNone;
  if (ratio >= 1) return keepAll;
  const digits = Math.min(MOST_DIGITS, PRECISION + Math.floor(-Math.log2(ratio) / 4));
  const scale = 16 ** digits;
  const steps = Math.min(scale - 1, Math.max(0, Math.round((1 - ratio) * scale)));
  if (steps === 0) return keepAll;
  const text = steps.toString(16).padStart(digits, '0').replace(/0+$/, '');
  return { value: steps / scale, text };
}

/** Reads the text after `th:`; undefined when it is not one. */
export function parseThreshold(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9a-f]{1,14}$/.test(text)) return undefined;
  return Number.parseInt(text.slice(0, 13), 16) / 16 ** Math.min(13, text.length);
}

/** The trace's own randomness: its explicit `rv`, else the last 56 bits of its id (W3C Trace Context level 2). */
export function randomnessOf(traceId: string, rv?: string): number {
  const digits = rv !== undefined && /^[0-9a-f]{14}$/.test(rv) ? rv : traceId.slice(-14);
  return Number.parseInt(digits.slice(0, 13), 16) / 16 ** 13;
}

/** How many spans of the population one kept under this threshold stands for. */
export function weightOf(threshold: number): number {
  return 1 / (1 - threshold);
}
