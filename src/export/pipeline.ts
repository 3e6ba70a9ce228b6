// The way of an ended span: pending → seal → queue → sender. Joins the stages; each is in its own file.
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { type DropReason, type ExportStats, type FlushResult, Ledger } from './accounting.ts';
import { createBackground } from './background.ts';
import { every, now } from './clock.ts';
import type { Destination, Lane, Sealed, SealResult } from './destination-contract.ts';
import { guarded, type PipelineEvents } from './events.ts';
import { withChannel } from './export-channel.ts';
import { createExportMetrics, type ExporterComponent } from './export-metrics.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { sendLast } from './last-chance.ts';
import { defaultLimits, type ExportLimits } from './limits.ts';
import { createLossReport, hearLosses } from './loss-report.ts';
import { PendingSpans } from './pending-spans.ts';
import { type Batch, BatchQueue, ownSpansOf } from './queue.ts';
import { Sender } from './sender.ts';
import type { Spool } from './spool-contract.ts';
import { Spooling } from './spooling.ts';

export type { DropReason, ExportStats, FlushResult } from './accounting.ts';
export type { PipelineEvents } from './events.ts';

export interface PipelineOptions {
  destination: Destination;
  /** Most spans kept unsealed, `OTEL_BSP_MAX_QUEUE_SIZE`. Beyond it a batch is sealed at once instead of dropped. */
  queueSize: number;
  /** Spans per request, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. */
  batchSize: number;
  /** Longest time in milliseconds a span waits for its batch to fill, `OTEL_BSP_SCHEDULE_DELAY`. */
  batchDelayMs: number;
  /** Which spans are dropped last when memory is short; by default all are alike. */
  laneOf?: (span: ReadableSpan) => Lane;
  /** Where batches go that memory cannot hold. */
  spool?: Spool | undefined;
  /** Every batch is written to the spool before it is sent. */
  writeAhead?: boolean;
  on?: PipelineEvents;
  limits?: ExportLimits;
  /** What metrics call the exporter. */
  component?: ExporterComponent;
}

export interface Pipeline {
  processor: SpanProcessor;
  /** Sends all that ended before the call. Never rejects; resolves by the deadline, or once waiting is pointless. */
  flush(timeoutMs: number): Promise<FlushResult>;
  /** A last flush, then nothing more. Never rejects; resolves by the deadline. What is left is dropped and counted. */
  shutdown(timeoutMs: number): Promise<FlushResult>;
  /** Starts sending what waits now instead of when a batch is full. Holds nothing and waits for nothing. */
  kick(): void;
  /** Ends attempts that hold the process, keeping their spans: whoever waited for them has stopped waiting. */
  callOff(): void;
  /** Sends what waits while this thread stands still, at most so long. For the `exit` event, where nothing else can. */
  lastChance(deadlineMs: number): void;
  /** Gives up all that waits, at once: the process is ending. Returns how many spans that were. */
  abandon(reason: DropReason): number;
  stats(): ExportStats;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { destination, limits = defaultLimits, laneOf = () => 'rest' as const, spool, writeAhead = false } = options;
  const losses = createLossReport({ now });
  const on = guarded(hearLosses(withChannel(options.on ?? {}), losses));
  const background = createBackground();
  const ledger = new Ledger();
  const queue = new BatchQueue(limits.queueBytes);
  const waiters = new FlushWaiters();
  const spooling = new Spooling({ spool, destination, ledger, writeAhead });
  const sender = new Sender({
    destination,
    queue,
    ledger,
    limits,
    on,
    changed: () => onAnswer(),
    done: (batch, accepted) => {
      spooling.done(batch);
      if (batch.report) losses[accepted ? 'delivered' : 'undelivered']();
    },
    split: (batch, parts) => spooling.split(batch, parts),
    gaveUp: shed,
  });
  const pending = new PendingSpans({ ...options, background, seal });
  let sequence = 0;
  let resource: ReadableSpan['resource'] | undefined;
  const cancelReplay = spool && background(() => every(limits.replayMs, replay));
  let ending: Promise<FlushResult> | undefined;
  /** Monotonic ms. */
  let flushStartedAt = 0;
  /** Monotonic ms of the flush under way, or of the last one that reached it. */
  let flushDeadline = Number.POSITIVE_INFINITY;

  const metrics = createExportMetrics({
    stats,
    unsealed: () => pending.length,
    queueSize: options.queueSize,
    ...(options.component ?? { exporter: destination.label }),
  });
  metrics.look();

  function drop(reason: DropReason, spans: number, late = false): void {
    if (spans === 0) return;
    ledger.drop(reason, spans);
    on.dropped?.({ reason, spans, failure: sender.failure, ...(late ? { late: true } : {}) });
  }

  /** Memory gives these up: the disk has them, or they are lost. */
  function shed(reason: DropReason, batches: Batch[], late = false): void {
    let lost = 0;
    for (const batch of batches) {
      if (batch.report) {
        losses.undelivered();
        continue;
      }
      if (spooling.keep(batch)) continue;
      if (batch.recovered) ledger.recovered.dropped += batch.spanCount;
      else lost += batch.spanCount;
    }
    drop(reason, lost, late);
    if (batches.length > 0) settleWaiters();
  }

  function seal(spans: ReadableSpan[], lane: Lane): void {
    let result: SealResult;
    try {
      result = destination.seal(spans);
    } catch {
      drop('internal', spans.length);
      return;
    }
    drop('poison', result.poisoned);
    for (const one of result.sealed) enqueue(one, lane);
    resource = spans[0]?.resource ?? resource;
    tellLosses();
    metrics.look();
    background(() => sender.pump());
  }

  function enqueue(sealed: Sealed, lane: Lane): void {
    const waits = sender.failing || queue.bytes > limits.queueBytes / 16;
    const small = waits ? (destination.pack?.(sealed) ?? sealed) : sealed;
    if (small.size > limits.queueBytes) {
      drop('oversize', small.spanCount);
      return;
    }
    const batch: Batch = { ...small, lane, seq: sequence++, sealedAt: now() };
    spooling.sealed(batch);
    shed('queue_full', queue.push(batch));
  }

  /** In a request of its own: what is counted, refused or taken apart in others stays what the app made. */
  function tellLosses(last = false): void {
    if (!resource || sender.failing || sender.failure) return;
    const span = losses.take(resource, last);
    if (!span) return;
    const [sealed] = destination.seal([span]).sealed;
    if (!sealed) losses.undelivered();
    else
      shed(
        'queue_full',
        queue.push({ ...sealed, spanCount: 0, report: true, lane: 'kept', seq: sequence++, sealedAt: now() }),
      );
  }

  /** What an outage left on disk goes when nothing newer waits. */
  function replay(): void {
    if (sender.stopped || sender.failing || queue.first) return;
    const batch = spooling.next();
    if (!batch) return;
    shed('queue_full', queue.push(batch));
    background(() => sender.pump());
  }

  function onAnswer(): void {
    settleWaiters();
    replay();
  }

  function oldestOutstanding(): number {
    let oldest = queue.oldestSeq;
    for (const { seq } of sender.inFlight) oldest = Math.min(oldest, seq);
    return oldest;
  }

  function settleWaiters(): void {
    // Someone who may wait 5 s gains nothing from a server that wants to be left alone for 60.
    const idleUntil = sender.aloneSince(flushStartedAt) ? Number.POSITIVE_INFINITY : sender.askedToWaitUntil;
    waiters.settle(oldestOutstanding(), sender.inFlight.size === 0 ? idleUntil : 0);
  }

  async function flush(timeoutMs: number, last = false): Promise<FlushResult> {
    flushStartedAt = now();
    const deadline = flushStartedAt + timeoutMs;
    flushDeadline = deadline;
    const before = ledger.totals();
    sender.hurried++;
    await pending.sealAll(timeoutMs);
    if (last) tellLosses(true);
    background(() => sender.hurry());
    await waiters.wait(sequence - 1, deadline, settleWaiters);
    sender.hurried--;
    if (now() < deadline - TIMER_SLACK_MS) flushDeadline = Number.POSITIVE_INFINITY;
    return ledger.since(before);
  }

  function lastChance(deadlineMs: number): void {
    // A flush has just used all of its time in vain: half a second more would be the same.
    if (now() - flushDeadline > -TIMER_SLACK_MS && now() - flushDeadline < FRESH_MS) return;
    const done = (batch: Batch) => spooling.done(batch);
    const seal = () => pending.sealNow();
    sendLast({ destination, queue, sender, ledger, on, seal, done, spooled: spool !== undefined }, deadlineMs);
  }

  function abandon(reason: DropReason): number {
    // Blaming the destination is just only if it had all the time there was.
    const late = reason === 'shutdown_deadline' && now() >= flushDeadline - TIMER_SLACK_MS;
    if (late && sender.inFlight.size > 0) sender.failure ??= destination.unanswered;
    const before = ledger.totals();
    const unanswered = sender.stop();
    if (spool) pending.sealNow();
    shed(reason, [...unanswered, ...queue.clear()], late);
    drop(reason, pending.clear(), late);
    spooling.close();
    cancelReplay?.();
    on.ended?.();
    settleWaiters();
    return ledger.since(before).dropped;
  }

  async function shutdown(timeoutMs: number): Promise<FlushResult> {
    const startedAt = now();
    const before = ledger.totals();
    await flush(timeoutMs, true);
    abandon('shutdown_deadline');
    const result = ledger.since(before);
    await destination.close(Math.max(0, timeoutMs - (now() - startedAt)));
    return result;
  }

  function stats(): ExportStats {
    const { ended, accepted, rejected, spooled } = ledger;
    const queued = pending.length + queue.spans + ownSpansOf(sender.inFlight);
    return {
      ended,
      accepted,
      rejected,
      dropped: { ...ledger.dropped },
      queued,
      spooled,
      recovered: { ...ledger.recovered },
    };
  }

  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      // Bit 1 of the flags is "sampled"; a span that is only recorded is not for export.
      if ((span.spanContext().traceFlags & 1) === 0 || destination.discards) return;
      ledger.ended++;
      if (ending) drop('after_shutdown', 1);
      else pending.add(span, laneOf(span));
    },
    forceFlush: async () => void (await flush(DEFAULT_FLUSH_MS)),
    shutdown: async () => void (await pipeline.shutdown(DEFAULT_FLUSH_MS)),
  };

  const pipeline: Pipeline = {
    processor,
    flush: (timeoutMs) => ending ?? flush(timeoutMs),
    shutdown: (timeoutMs) => {
      ending ??= shutdown(timeoutMs);
      return ending;
    },
    kick: () => {
      pending.sealNow();
      background(() => sender.hurry());
    },
    callOff: () => sender.callOff(),
    lastChance,
    abandon,
    stats,
  };
  return pipeline;
}

/** Timers of the same length, set one after the other, may fire in either order. */
const TIMER_SLACK_MS = 10;
/** How long a flush that was too short speaks for what comes after it. */
const FRESH_MS = 1_000;
/** For callers of the SpanProcessor interface, which names no time. */
const DEFAULT_FLUSH_MS = 5_000;
