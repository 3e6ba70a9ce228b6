// What the pipeline needs to know of a place on disk where batches wait for a destination, or for the next process.
import type { DropReason } from '../accounting.ts';
import type { Lane } from '../destination/destination-contract.ts';

export interface SpoolEntry {
  readonly name: string;
  /** Bytes on disk. */
  readonly size: number;
  readonly spanCount: number;
  readonly lane: Lane;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface Spool {
  /** Writes one batch, synchronously; undefined when it could not be written, which is counted and said. */
  put(batch: { bytes: Uint8Array; spanCount: number; lane: Lane; createdAt: number }): SpoolEntry | undefined;
  /** The next one to be sent, handed out once until `release`; `own` unless an earlier process wrote it. */
  next(): (SpoolEntry & { readonly own: boolean }) | undefined;
  /** What was given to `put`; undefined when the file is damaged: it has been set aside and counted. */
  read(entry: SpoolEntry): Uint8Array | undefined;
  /** Acknowledged or refused: the file goes. */
  done(entry: SpoolEntry): void;
  /** Not sent: may be handed out again. Returns whether it is still here: its folder may have been deleted. */
  release(entry: SpoolEntry): boolean;
  /** Lets go of the folder and leaves the files to the next process. */
  close(): void;
}

export type SpoolLoss = Extract<DropReason, 'spool_evicted' | 'spool_expired' | 'spool_deleted' | 'corrupt'>;

export interface SpoolEvents {
  problem(message: string): void;
  /** `own`: of this process, as opposed to those that ended before. */
  lost(reason: SpoolLoss, spans: number, own: boolean): void;
  /** Spans of dead processes were found: there is something for `next`. */
  adopted?(spans: number): void;
}

/** @returns undefined when it cannot be opened; the reason has been told by then */
export type OpenSpool = (on: SpoolEvents) => Spool | undefined;
