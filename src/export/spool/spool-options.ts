// What opening a spool takes, and the account that it keeps.
import type { Spool, SpoolLoss } from './spool-contract.ts';
import type { SpoolSync } from './spool-disk.ts';

export interface SpoolOptions {
  dir: string;
  /** For all processes that share `dir`, as far as they know of each other. */
  maxBytes: number;
  maxAgeMs: number;
  /** Where the batches go. Files of another destination are left alone until they are too old. */
  destination: string;
  /** Default `never`: a file survives the death of the process, not of the machine. */
  sync?: SpoolSync | undefined;
  on: {
    problem(message: string): void;
    /** `own`: of this process, as opposed to those that ended before. */
    lost(reason: SpoolLoss, spans: number, own: boolean): void;
    /** Spans of dead processes were found: there is something for `next`. */
    adopted?(spans: number): void;
    /** Spans of this process that waited on disk are in the hands of another one, which took this one for dead. */
    taken?(spans: number): void;
  };
}

/** Counts of spans, but for `files`, `bytes` and `failedWrites`. */
export interface SpoolStats {
  files: number;
  spans: number;
  /** On disk, in blocks of 4 KiB. */
  bytes: number;
  /** Of this process and released: what is nowhere but on the disk. */
  ownWaiting: number;
  /** Found in the folders of processes that ended. */
  adopted: number;
  /** In files that were damaged, or never finished by their process. */
  corrupt: number;
  expired: number;
  evicted: { kept: number; rest: number };
  taken: number;
  /** With the folder, which somebody deleted. */
  deleted: number;
  /** Batches. */
  failedWrites: number;
}

/**
 * What `put` returns is in the hands of the caller, as what `next` returns: nobody else gets it and it is not evicted, until
 * `release` leaves it on disk or `done` deletes it. A `put` that fails leaves the batch, and its account, to the caller.
 */
export interface FileSpool extends Spool {
  stats(): SpoolStats;
}
