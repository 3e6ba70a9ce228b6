// The way of an ended span: pending → seal → queue → sender. Joins the stages; each is in its own file.
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { type DropReason, type ExportStats, Ledger } from './accounting.ts';
import { createBackground } from './background.ts';
import { now } from './clock.ts';
import type { Destination, SealResult } from './destination-contract.ts';
import { guarded, type PipelineEvents } from './events.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { defaultLimits, type ExportLimits } from './limits.ts';
import { PendingSpans } from './pending-spans.ts';
import { type Batch, BatchQueue } from './queue.ts';
import { Sender } from './sender.ts';

export type { DropReason, ExportStats } from './accounting.ts';
export type { PipelineEvents } from './events.ts';

export interface PipelineOptions {
  destination: Destination;
  /** Most spans kept unsealed, `OTEL_BSP_MAX_QUEUE_SIZE`. Beyond it a batch is sealed at once instead of dropped. */
  queueSize: number;
  /** Spans per request, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. */
  batchSize: number;
  /** Longest time in milliseconds a span waits for its batch to fill, `OTEL_BSP_SCHEDULE_DELAY`. */
  batchDelayMs: number;
  on?: PipelineEvents;
  limits?: ExportLimits;
}

export interface FlushResult {
  /** Spans acknowledged during the call. */
  flushed: number;
  /** Spans put on disk. */
  spooled: number;
  /** Spans refused or given up during the call. */
  dropped: number;
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
  /** Gives up all that waits, at once: the process is ending. Returns how many spans that were. */
  abandon(reason: DropReason): number;
  stats(): ExportStats;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { destination, limits = defaultLimits } = options;
  const on = guarded(options.on ?? {});
  const background = createBackground();
  const ledger = new Ledger();
  const queue = new BatchQueue(limits.queueBytes);
  const waiters = new FlushWaiters();
  const sender = new Sender({ destination, queue, ledger, limits, on, changed: () => settleWaiters(), gaveUp });
  const pending = new PendingSpans({ ...options, background, seal });
  let sequence = 0;
  let ending: Promise<FlushResult> | undefined;
  /** Monotonic ms of the flush under way, or of the last one that reached it. */
  let flushDeadline = Number.POSITIVE_INFINITY;

  function drop(reason: DropReason, spans: number, late = false): void {
    if (spans === 0) return;
    ledger.drop(reason, spans);
    on.dropped?.({ reason, spans, failure: sender.failure, ...(late ? { late: true } : {}) });
  }

  function gaveUp(reason: DropReason, batches: Batch[]): void {
    if (batches.length === 0) return;
    let spans = 0;
    for (const { spanCount } of batches) spans += spanCount;
    drop(reason, spans);
    settleWaiters();
  }

  function seal(spans: ReadableSpan[]): void {
    let result: SealResult;
    try {
      result = destination.seal(spans);
    } catch {
      drop('internal', spans.length);
      return;
    }
    drop('poison', result.poisoned);
    for (const one of result.sealed) {
      if (one.size > limits.queueBytes) drop('oversize', one.spanCount);
      else gaveUp('queue_full', queue.push({ ...one, seq: sequence++, sealedAt: now() }));
    }
    background(() => sender.pump());
  }

  function oldestOutstanding(): number {
    let oldest = queue.first?.seq ?? Number.POSITIVE_INFINITY;
    for (const { seq } of sender.inFlight) oldest = Math.min(oldest, seq);
    return oldest;
  }

  function settleWaiters(): void {
    // Someone who may wait 5 s gains nothing from a server that wants to be left alone for 60.
    const idleUntil = sender.alone ? Number.POSITIVE_INFINITY : sender.askedToWaitUntil;
    waiters.settle(oldestOutstanding(), sender.inFlight.size === 0 ? idleUntil : 0);
  }

  async function flush(timeoutMs: number): Promise<FlushResult> {
    const deadline = now() + timeoutMs;
    flushDeadline = deadline;
    const { accepted, rejected, droppedTotal } = ledger;
    sender.hurried++;
    await pending.sealAll(timeoutMs);
    background(() => sender.hurry());
    await waiters.wait(sequence - 1, deadline, settleWaiters);
    sender.hurried--;
    if (now() < deadline - TIMER_SLACK_MS) flushDeadline = Number.POSITIVE_INFINITY;
    return {
      flushed: ledger.accepted - accepted,
      spooled: 0,
      dropped: ledger.rejected - rejected + ledger.droppedTotal - droppedTotal,
    };
  }

  function abandon(reason: DropReason): number {
    // Blaming the destination is just only if it had all the time there was.
    const late = reason === 'shutdown_deadline' && now() >= flushDeadline - TIMER_SLACK_MS;
    if (late && sender.inFlight.size > 0) sender.failure ??= destination.unanswered;
    const spans = [...sender.stop(), ...queue.clear()].reduce((sum, batch) => sum + batch.spanCount, 0);
    const total = spans + pending.clear();
    drop(reason, total, late);
    on.ended?.();
    settleWaiters();
    return total;
  }

  async function shutdown(timeoutMs: number): Promise<FlushResult> {
    const startedAt = now();
    const result = await flush(timeoutMs);
    const dropped = result.dropped + abandon('shutdown_deadline');
    await destination.close(Math.max(0, timeoutMs - (now() - startedAt)));
    return { ...result, dropped };
  }

  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      // Bit 1 of the flags is "sampled"; a span that is only recorded is not for export.
      if ((span.spanContext().traceFlags & 1) === 0 || destination.discards) return;
      ledger.ended++;
      if (ending) drop('after_shutdown', 1);
      else pending.add(span);
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
    abandon,
    stats: () => {
      let queued = pending.length + queue.spans;
      for (const { spanCount } of sender.inFlight) queued += spanCount;
      const { ended, accepted, rejected } = ledger;
      return { ended, accepted, rejected, dropped: { ...ledger.dropped }, queued };
    },
  };
  return pipeline;
}

/** Timers of the same length, set one after the other, may fire in either order. */
const TIMER_SLACK_MS = 10;
/** For callers of the SpanProcessor interface, which names no time. */
const DEFAULT_FLUSH_MS = 5_000;
