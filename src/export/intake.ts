// What ended becomes batches in the queue; what has no room there goes to disk or is given up, and counted.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { DropReason, Ledger } from './accounting.ts';
import { now } from './clock.ts';
import type { Destination, Lane, Sealed, SealResult } from './destination/destination-contract.ts';
import type { PipelineEvents } from './events.ts';
import type { ExportLimits } from './limits.ts';
import type { Batch, BatchQueue } from './queue.ts';
import type { LossReport } from './report/loss-report.ts';
import type { Sender } from './sender/sender.ts';
import type { Spooling } from './spool/spooling.ts';

export interface IntakeParts {
  destination: Destination;
  limits: ExportLimits;
  ledger: Ledger;
  queue: BatchQueue;
  spooling: Spooling;
  losses: LossReport;
  on: Required<PipelineEvents>;
  sender: () => Sender;
  /** Something left the queue without having been sent. */
  gone: () => void;
}

export class Intake {
  /** Batches sealed so far; a flush waits for all below it. */
  sequence = 0;
  readonly #parts: IntakeParts;
  #resource: ReadableSpan['resource'] | undefined;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  seal(spans: ReadableSpan[], lane: Lane): void {
    let result: SealResult;
    try {
      result = this.#parts.destination.seal(spans);
    } catch {
      this.drop('internal', spans.length);
      return;
    }
    this.drop('poison', result.poisoned);
    for (const one of result.sealed) this.#enqueue(one, lane);
    this.#resource = spans[0]?.resource ?? this.#resource;
    this.tellLosses();
  }

  /** In a request of its own: what is counted, refused or taken apart in others stays what the app made. */
  tellLosses(last = false): void {
    const { destination, losses, sender } = this.#parts;
    if (!this.#resource || sender().failing || sender().failure) return;
    const span = losses.take(this.#resource, last);
    if (!span) return;
    const [sealed] = destination.seal([span]).sealed;
    if (sealed) this.#push({ ...this.#batch({ ...sealed, spanCount: 0 }, 'kept'), report: true });
    else losses.undelivered();
  }

  /** What an outage left on disk comes back while little waits, a request's worth at a time. Returns whether there was any. */
  replay(): boolean {
    const { queue, spooling, sender, limits } = this.#parts;
    if (sender().stopped || sender().failing) return false;
    const room = Math.min(limits.joinBytes, limits.queueBytes / 16);
    let found = false;
    while (queue.bytes < room) {
      const batch = spooling.next();
      if (!batch) break;
      this.#push(batch);
      found = true;
    }
    return found;
  }

  /** Memory gives these up: the disk has them, or they are lost. */
  shed(reason: DropReason, batches: readonly Batch[], late = false): void {
    const { ledger, losses, spooling, on, gone } = this.#parts;
    let lost = 0;
    // Those on disk are let go of first: a full disk makes room for an error by an ordinary batch, but not by one in hand.
    for (const batch of batches.toSorted((a, b) => Number(b.entry !== undefined) - Number(a.entry !== undefined))) {
      const { spanCount } = batch;
      if (batch.report) losses.undelivered();
      else if (spooling.keep(batch)) continue;
      else if (batch.recovered) {
        ledger.recovered.dropped += spanCount;
        on.dropped({ reason, spans: spanCount, recovered: true });
      } else lost += spanCount;
    }
    this.drop(reason, lost, late);
    if (batches.length > 0) gone();
  }

  drop(reason: DropReason, spans: number, late = false): void {
    const { ledger, on, sender } = this.#parts;
    if (spans === 0) return;
    ledger.drop(reason, spans);
    on.dropped({ reason, spans, failure: sender().failure, ...(late ? { late: true } : {}) });
  }

  #enqueue(sealed: Sealed, lane: Lane): void {
    const { destination, limits, queue, spooling, sender } = this.#parts;
    const waits = sender().failing || queue.bytes + sealed.size > limits.queueBytes / 16;
    const small = waits ? (destination.pack?.(sealed) ?? sealed) : sealed;
    if (small.size > limits.queueBytes) {
      this.drop('oversize', small.spanCount);
      return;
    }
    const batch = this.#batch(small, lane);
    spooling.sealed(batch);
    this.#push(batch);
  }

  #batch(sealed: Sealed, lane: Lane): Batch {
    return { ...sealed, lane, seq: this.sequence++, sealedAt: now() };
  }

  #push(batch: Batch): void {
    this.shed('queue_full', this.#parts.queue.push(batch));
  }
}
