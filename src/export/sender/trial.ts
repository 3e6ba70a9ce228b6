// One batch that was refused, being halved to find the spans it was refused for. Owns the order and when to stop.
import type { Failure } from '../destination/destination-contract.ts';
import type { Batch } from '../queue.ts';

export interface Refused {
  batch: Batch;
  failure: Failure;
}

/** However many bad spans a batch holds, its trial costs no more requests than this or than it has spans. */
const MOST_REQUESTS = 64;

/**
 * Both halves are sent before either is looked into: a request that nobody would take in any form shows itself after two
 * requests per level, and one bad span in `n` costs `2·log2(n) + 1` in all.
 */
export class Trial {
  /** Halves on their way. */
  pending = 0;
  /** Some part was taken: the rest of it is worth the search. */
  accepted = false;
  /** Size before compression of the smallest part that was too large. */
  tooLarge = Number.POSITIVE_INFINITY;
  /** Refused, and still to be halved: the smallest last. */
  readonly refused: Refused[] = [];
  readonly #levels: number;
  readonly #most: number;
  #requests = 1;

  constructor(spanCount: number) {
    this.#levels = Math.ceil(Math.log2(spanCount));
    this.#most = Math.max(MOST_REQUESTS, spanCount);
  }

  get hopeless(): boolean {
    return this.#requests >= this.#most || (!this.accepted && this.#requests > 2 * this.#levels);
  }

  sent(halves: number): void {
    this.pending = halves;
    this.#requests += halves;
  }
}
