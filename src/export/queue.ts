// Owns the sealed batches that wait: bounded in bytes, first in, first out in each of two lanes. What was kept for a reason of
// its own is sent first and dropped last, so that an outage costs ordinary traffic before it costs an error.
import type { Lane, Sealed } from './destination/destination-contract.ts';
import type { SpoolEntry } from './spool/spool-contract.ts';

export interface Batch extends Sealed {
  /** Order of sealing; a flush waits for all up to the one it saw. Infinity for one that came back from disk. */
  readonly seq: number;
  /** Monotonic ms. */
  readonly sealedAt: number;
  readonly lane: Lane;
  /** Its copy on disk. */
  entry?: SpoolEntry;
  /** Of a process that ended before this one; not among the spans of this one. */
  readonly recovered?: true;
  /** Tells of losses: holds one span that nobody counts, so that `spanCount` is 0. */
  readonly report?: true;
}

export class BatchQueue {
  /** Bytes of what waits and of what is being sent: both are in memory. */
  bytes = 0;
  readonly limitBytes: number;
  readonly #lanes: Record<Lane, Batch[]> = { kept: [], rest: [] };

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** The next one to be sent. */
  get first(): Batch | undefined {
    return this.#lanes.kept[0] ?? this.#lanes.rest[0];
  }

  /** The number of sealing of the oldest that waits; Infinity for none. */
  get oldestSeq(): number {
    return Math.min(this.#lanes.kept[0]?.seq ?? Infinity, this.#lanes.rest[0]?.seq ?? Infinity);
  }

  /** Spans of what waits, those of earlier processes included. */
  get allSpans(): number {
    return spansOf(this.#lanes.kept) + spansOf(this.#lanes.rest);
  }

  /** Own spans of what waits. */
  get spans(): number {
    return ownSpansOf(this.#lanes.kept) + ownSpansOf(this.#lanes.rest);
  }

  /** Adds a batch and returns those that had to go for it, oldest first; they are no longer counted. */
  push(batch: Batch): Batch[] {
    this.#insert(batch);
    this.bytes += batch.size;
    const evicted: Batch[] = [];
    const { kept, rest } = this.#lanes;
    // One stays even if what is being sent fills the limit: it is the one that tells what happens now.
    while (this.bytes > this.limitBytes && kept.length + rest.length > 1) {
      evicted.push(this.#remove(rest.length > 0 ? rest : kept));
    }
    return evicted;
  }

  /** Takes the next one for sending. Its bytes stay counted until `release`. */
  take(): Batch | undefined {
    const { kept, rest } = this.#lanes;
    return kept.shift() ?? rest.shift();
  }

  /** Returns a batch whose attempt failed to its place in the order. */
  putBack(batch: Batch): void {
    this.#insert(batch);
  }

  /** A taken batch is done with. */
  release(batch: Batch): void {
    this.bytes -= batch.size;
  }

  /** Removes and returns what was sealed before `sealedBefore` (monotonic ms). */
  expire(sealedBefore: number): Batch[] {
    const expired: Batch[] = [];
    for (const lane of Object.values(this.#lanes)) {
      while (lane.length > 0 && lane[0]!.sealedAt < sealedBefore) expired.push(this.#remove(lane));
    }
    return expired;
  }

  /** Removes and returns everything that waits, in the order of sending. */
  clear(): Batch[] {
    const all: Batch[] = [];
    for (const lane of Object.values(this.#lanes)) while (lane.length > 0) all.push(this.#remove(lane));
    return all;
  }

  /** Nearly always the newest of its lane, so the search begins there. */
  #insert(batch: Batch): void {
    const lane = this.#lanes[batch.lane];
    let at = lane.length;
    while (at > 0 && lane[at - 1]!.seq > batch.seq) at--;
    lane.splice(at, 0, batch);
  }

  #remove(lane: Batch[]): Batch {
    const batch = lane.shift()!;
    this.release(batch);
    return batch;
  }
}

/** Spans of this process. */
export function ownSpansOf(batches: Iterable<Batch>): number {
  let spans = 0;
  for (const batch of batches) if (!batch.recovered) spans += batch.spanCount;
  return spans;
}

export function spansOf(batches: Iterable<Batch>): number {
  let spans = 0;
  for (const { spanCount } of batches) spans += spanCount;
  return spans;
}
