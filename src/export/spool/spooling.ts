// Joins the disk to the queue: what memory cannot hold goes there, and comes back once the destination takes spans again.
import type { DropReason, Ledger } from '../accounting.ts';
import { type Cancel, every, now, soon } from '../clock.ts';
import type { Destination } from '../destination/destination-contract.ts';
import type { PipelineEvents } from '../events.ts';
import type { Batch } from '../queue.ts';
import type { OpenSpool, Spool, SpoolEntry, SpoolEvents } from './spool-contract.ts';

export interface SpoolingOptions {
  /** Undefined: everything here is a no, and batches live in memory only. */
  openSpool: OpenSpool | undefined;
  destination: Destination;
  ledger: Ledger;
  on: Required<PipelineEvents>;
  /** There is something that an ended process left. */
  found: () => void;
  /** Every batch is written before it is sent, so that a killed process loses only what was not sealed. */
  writeAhead: boolean;
}

export class Spooling {
  readonly #options: SpoolingOptions;
  readonly #spool: Spool | undefined;
  #cancelLooking: Cancel | undefined;

  constructor(options: SpoolingOptions) {
    this.#options = options;
    const { openSpool, on } = options;
    const lost: SpoolEvents['lost'] = (reason, spans, own) => this.#lost(reason, spans, own);
    this.#spool = openSpool?.({ problem: on.problem, lost, adopted: () => void soon(options.found) });
  }

  get open(): boolean {
    return this.#spool !== undefined;
  }

  /** Calls `found` again and again, for whatever nobody is sending. */
  lookEvery(ms: number): void {
    this.#cancelLooking = every(ms, this.#options.found);
  }

  /** A new batch, before it is queued. */
  sealed(batch: Batch): void {
    if (this.#options.writeAhead) this.#write(batch);
  }

  /** Memory gives the batch up. Returns whether the disk has it. */
  keep(batch: Batch): boolean {
    const spool = this.#spool;
    const { ledger } = this.#options;
    if (!spool) return false;
    // What was written ahead may be gone with its folder, and then memory has the only copy.
    if (!(batch.entry && spool.release(batch.entry))) {
      const entry = this.#write(batch);
      if (!entry) return false;
      spool.release(entry);
    }
    if (!batch.recovered) ledger.spooled += batch.spanCount;
    return true;
  }

  /** The destination has taken or refused the batch, or it is given up for good. */
  done({ entry }: Batch): void {
    if (!entry) return;
    this.#spool?.done(entry);
  }

  /** Halves take the place of a batch, on disk as in memory: first they, then it. */
  split(batch: Batch, parts: Batch[]): void {
    if (!batch.entry) return;
    for (const part of parts) this.#write(part);
    this.done(batch);
  }

  /** The next batch from disk, errors first; undefined when there is none. */
  next(): Batch | undefined {
    const spool = this.#spool;
    for (let entry = spool?.next(); spool && entry; entry = spool.next()) {
      const bytes = spool.read(entry);
      if (!bytes) continue;
      if (entry.own) this.#options.ledger.spooled -= entry.spanCount;
      return this.#batch(entry, bytes, entry.own);
    }
    return undefined;
  }

  close(): void {
    this.#cancelLooking?.();
    this.#spool?.close();
  }

  #batch(entry: SpoolEntry, bytes: Uint8Array, own: boolean): Batch {
    const { spanCount, lane } = entry;
    const batch: Batch = {
      body: { kind: 'bytes', bytes, packed: true },
      size: bytes.byteLength,
      spanCount,
      lane,
      // Nobody who waits for a flush waits for what an earlier outage left behind.
      seq: Number.POSITIVE_INFINITY,
      sealedAt: now(),
      entry,
    };
    return own ? batch : { ...batch, recovered: true };
  }

  #lost(reason: DropReason, spans: number, own: boolean): void {
    const { ledger, on } = this.#options;
    if (own) {
      ledger.spooled -= spans;
      ledger.drop(reason, spans);
      on.dropped({ reason, spans });
    } else {
      ledger.recovered.dropped += spans;
      on.dropped({ reason, spans, recovered: true });
    }
  }

  #write(batch: Batch): SpoolEntry | undefined {
    const spool = this.#spool;
    const { body } = this.#options.destination.pack?.(batch) ?? batch;
    if (!spool || body.kind !== 'bytes' || !body.packed) return undefined;
    const { spanCount, lane } = batch;
    const entry = spool.put({ bytes: body.bytes, spanCount, lane, createdAt: Date.now() });
    if (!entry) return undefined;
    batch.entry = entry;
    return entry;
  }
}
