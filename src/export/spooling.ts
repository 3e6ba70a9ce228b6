// Joins the disk to the queue: what memory cannot hold goes there, and comes back once the destination takes spans again.
import type { Ledger } from './accounting.ts';
import { now } from './clock.ts';
import type { Destination } from './destination-contract.ts';
import type { Batch } from './queue.ts';
import type { Spool, SpoolEntry } from './spool-contract.ts';

export interface SpoolingOptions {
  /** Undefined: everything here is a no, and batches live in memory only. */
  spool: Spool | undefined;
  destination: Destination;
  ledger: Ledger;
  /** Every batch is written before it is sent, so that a killed process loses only what was not sealed. */
  writeAhead: boolean;
}

export class Spooling {
  readonly #options: SpoolingOptions;
  /** Names of entries whose spans are in memory, too. */
  readonly #inMemory = new Set<string>();

  constructor(options: SpoolingOptions) {
    this.#options = options;
  }

  /** A new batch, before it is queued. */
  sealed(batch: Batch): void {
    if (this.#options.writeAhead) this.#write(batch);
  }

  /** Memory gives the batch up. Returns whether the disk has it. */
  keep(batch: Batch): boolean {
    const { spool, ledger } = this.#options;
    if (!spool || !(batch.entry ?? this.#write(batch))) return false;
    this.#inMemory.delete(batch.entry!.name);
    spool.release(batch.entry!);
    if (!batch.recovered) ledger.spooled += batch.spanCount;
    return true;
  }

  /** The destination has taken or refused the batch, or it is given up for good. */
  done({ entry }: Batch): void {
    if (!entry) return;
    this.#inMemory.delete(entry.name);
    this.#options.spool?.done(entry);
  }

  /** Halves take the place of a batch, on disk as in memory: first they, then it. */
  split(batch: Batch, parts: Batch[]): void {
    if (!batch.entry) return;
    for (const part of parts) this.#write(part);
    this.done(batch);
  }

  /** The next batch from disk, errors first; undefined when there is none. */
  next(): Batch | undefined {
    const { spool, ledger } = this.#options;
    for (let entry = spool?.next(); spool && entry; entry = spool.next()) {
      if (this.#inMemory.has(entry.name)) continue;
      if (entry.own) ledger.spooled -= entry.spanCount;
      const bytes = spool.read(entry);
      if (bytes) return this.#batch(entry, bytes, entry.own);
    }
    return undefined;
  }

  close(): void {
    this.#options.spool?.close();
  }

  #batch(entry: SpoolEntry, bytes: Uint8Array, own: boolean): Batch {
    this.#inMemory.add(entry.name);
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

  #write(batch: Batch): SpoolEntry | undefined {
    const { spool, destination } = this.#options;
    const { body } = destination.pack?.(batch) ?? batch;
    if (!spool || body.kind !== 'bytes' || !body.packed) return undefined;
    const { spanCount, lane } = batch;
    const entry = spool.put({ bytes: body.bytes, spanCount, lane, createdAt: Date.now() });
    if (!entry) return undefined;
    batch.entry = entry;
    this.#inMemory.add(entry.name);
    return entry;
  }
}
