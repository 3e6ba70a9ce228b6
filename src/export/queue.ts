// Owns the sealed batches that wait: first in, first out, bounded in bytes, dropping the oldest.
import type { Sealed } from './destination-contract.ts';

export interface Batch extends Sealed {
  /** Order of sealing; a flush waits for all up to the one it saw. */
  readonly seq: number;
  /** Monotonic ms. */
  readonly sealedAt: number;
}

export class BatchQueue {
  /** Bytes of what waits and of what is being sent: both are in memory. */
  bytes = 0;
  /** Spans of what waits. */
  spans = 0;
  #waiting: Batch[] = [];

  readonly limitBytes: number;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get first(): Batch | undefined {
    return this.#waiting[0];
  }

  /** Adds a batch and returns the oldest ones that had to go for it; they are no longer counted. */
  push(batch: Batch): Batch[] {
    this.#waiting.push(batch);
    this.bytes += batch.size;
    this.spans += batch.spanCount;
    const evicted: Batch[] = [];
    // The newest stays even if what is being sent fills the limit: it is the one that tells what happens now.
    while (this.bytes > this.limitBytes && this.#waiting.length > 1) evicted.push(this.#remove());
    return evicted;
  }

  /** Takes the oldest for sending. Its bytes stay counted until `release`. */
  take(): Batch | undefined {
    const batch = this.#waiting.shift();
    if (batch) this.spans -= batch.spanCount;
    return batch;
  }

  /** Returns a batch whose attempt failed to its place in the order. */
  putBack(batch: Batch): void {
    let at = 0;
    while (at < this.#waiting.length && this.#waiting[at]!.seq < batch.seq) at++;
    this.#waiting.splice(at, 0, batch);
    this.spans += batch.spanCount;
  }

  /** A taken batch is done with. */
  release(batch: Batch): void {
    this.bytes -= batch.size;
  }

  /** Removes and returns what was sealed before `sealedBefore` (monotonic ms). */
  expire(sealedBefore: number): Batch[] {
    const expired: Batch[] = [];
    while (this.#waiting.length > 0 && this.#waiting[0]!.sealedAt < sealedBefore) expired.push(this.#remove());
    return expired;
  }

  /** Removes and returns everything that waits. */
  clear(): Batch[] {
    const all: Batch[] = [];
    while (this.#waiting.length > 0) all.push(this.#remove());
    return all;
  }

  #remove(): Batch {
    const batch = this.take()!;
    this.release(batch);
    return batch;
  }
}
