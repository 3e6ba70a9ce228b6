// What a count proves: intervals for shares.

export interface Interval {
  low: number;
  high: number;
}

const Z95 = 1.96;
/** One in 10,000 by chance, both sides together: for gates that must not fail on a good day. */
export const Z9999 = 3.891;

/** Wilson score interval of a share seen as `hits` in `n` (E. B. Wilson, 1927). */
export function wilson(hits: number, n: number, z = Z95): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const share = hits / n;
  const weight = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / weight;
  const half = (z / weight) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Where the share of `n` draws of probability `p` lies. Normal approximation. */
export function binomial(p: number, n: number, z = Z95): Interval {
  const half = z * Math.sqrt((p * (1 - p)) / n);
  return { low: p - half, high: p + half };
}

export const within = (value: number, { low, high }: Interval): boolean => value >= low && value <= high;

/** `99.87 %`; never rounded up to 100. */
export function percent(share: number, digits = 2): string {
  if (Number.isNaN(share)) return '–';
  const factor = 10 ** digits;
  return `${(Math.floor(share * 100 * factor + 1e-9) / factor).toFixed(digits)} %`;
}
