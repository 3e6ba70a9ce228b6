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
  /** Put on disk, where the room was needed for something else. */
  | 'spool_evicted'
  /** On disk for longer than its time. */
  | 'spool_expired'
  /** On disk, in a folder that somebody deleted while this process ran. */
  | 'spool_deleted'
  /** Damaged on disk. */
  | 'corrupt'
  /** A fault of our own. */
  | 'internal';

export interface ExportStats {
  /** Sampled spans that ended. `ended = accepted + rejected + sum(dropped) + queued + spooled` at every moment. */
  ended: number;
  accepted: number;
  /** Refused by the destination. */
  rejected: number;
  /** Given up in this process, by reason. */
  dropped: Partial<Record<DropReason, number>>;
  /** Waiting in memory: not yet sealed, sealed, or being sent. */
  queued: number;
  /** Waiting on disk only. */
  spooled: number;
  /** What became of spans that an earlier process left on disk; they are not among `ended`. */
  recovered: { accepted: number; rejected: number; dropped: number };
}

/** What became of spans during a call. */
export interface FlushResult {
  /** Acknowledged. */
  flushed: number;
  /** Put on disk. */
  spooled: number;
  /** Refused or given up. */
  dropped: number;
}

export class Ledger {
  ended = 0;
  accepted = 0;
  rejected = 0;
  spooled = 0;
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly recovered = { accepted: 0, rejected: 0, dropped: 0 };

  /** The destination has answered for `spans` spans of a batch. */
  answered(column: 'accepted' | 'rejected', spans: number, { recovered }: { recovered?: true }): void {
    if (recovered) this.recovered[column] += spans;
    else this[column] += spans;
  }

  drop(reason: DropReason, spans: number): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + spans;
  }

  totals(): FlushResult {
    let dropped = this.rejected;
    for (const count of Object.values(this.dropped)) dropped += count;
    return { flushed: this.accepted, spooled: this.spooled, dropped };
  }

  /** What has changed. */
  since(before: FlushResult): FlushResult {
    const { flushed, spooled, dropped } = this.totals();
    return {
      flushed: flushed - before.flushed,
      spooled: Math.max(0, spooled - before.spooled),
      dropped: dropped - before.dropped,
    };
  }
}
