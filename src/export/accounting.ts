// The ledger: every sampled span that ended is in exactly one of its columns.

export type DropReason =
  /** The byte queue was full; the oldest batch went. */
  | 'queue_full'
  /** Waited longer than `maxAgeMs`. */
  | 'expired'
  /** The serializer could not encode it. */
  | 'poison'
  /** Larger than the whole queue. */
  | 'oversize'
  /** Still queued when `shutdown()` reached its deadline. */
  | 'shutdown_deadline'
  /** Ended after `shutdown()`. */
  | 'after_shutdown'
  /** Still queued when the process ended: `process.exit()` without a flush before it. */
  | 'process_exit'
  /** Still queued when the process crashed. */
  | 'crash'
  /** A fault of our own. */
  | 'internal';

export interface ExportStats {
  /** Sampled spans that ended. `ended = accepted + rejected + sum(dropped) + queued` at every moment. */
  ended: number;
  accepted: number;
  /** Refused by the destination. */
  rejected: number;
  /** Given up in this process, by reason. */
  dropped: Partial<Record<DropReason, number>>;
  /** Waiting: not yet sealed, sealed, or being sent. */
  queued: number;
}

export class Ledger {
  ended = 0;
  accepted = 0;
  rejected = 0;
  readonly dropped: Partial<Record<DropReason, number>> = {};

  drop(reason: DropReason, spans: number): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + spans;
  }

  get droppedTotal(): number {
    let total = 0;
    for (const count of Object.values(this.dropped)) total += count;
    return total;
  }
}
