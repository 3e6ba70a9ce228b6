// Owns every random choice of a run: all of them follow from the printed seed.
import { createHash, randomBytes } from 'node:crypto';

export const freshSeed = (): string => randomBytes(6).toString('hex');

/** Uniform in [0, 1), the same row of numbers for the same seed. */
export function randomFrom(seed: string): () => number {
  let at = 0;
  return () => createHash('sha256').update(`${seed} ${at++}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** The key of the fault plan. */
export const secretFrom = (seed: string): string => createHash('sha256').update(`secret ${seed}`).digest('hex');

/**
 * Letters only: a run of digits can pass for the number of a payment card, which is hidden on the way out, and then the
 * spans could not be told apart.
 */
export const requestIdFrom = (seed: string, at: number): string =>
  createHash('sha256')
    .update(`request ${seed} ${at}`)
    .digest('hex')
    .slice(0, 20)
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
