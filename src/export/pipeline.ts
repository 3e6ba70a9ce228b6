// The way of an ended span: pending → seal → queue → sender. Joins the stages; each is in its own file.
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { type DropReason, type ExportStats, type FlushResult, Ledger } from './accounting.ts';
import { createBackground } from './background.ts';
import { now } from './clock.ts';
import type { Destination, Lane } from './destination/destination-contract.ts';
import { Endings } from './endings.ts';
import { guarded, type PipelineEvents } from './events.ts';
import { Intake } from './intake.ts';
import { defaultLimits, type ExportLimits } from './limits.ts';
import { PendingSpans } from './pending-spans.ts';
import { BatchQueue, ownSpansOf } from './queue.ts';
import { withChannel } from './report/export-channel.ts';
import { createExportMetrics, type ExporterComponent } from './report/export-metrics.ts';
import { createLossReport, hearLosses } from './report/loss-report.ts';
import { createDeparture } from './sender/departure.ts';
import { Sender } from './sender/sender.ts';
import type { OpenSpool } from './spool/spool-contract.ts';
import { Spooling } from './spool/spooling.ts';

export type { DropReason, ExportStats, FlushResult } from './accounting.ts';
export type { PipelineEvents } from './events.ts';

export interface PipelineOptions {
  destination: Destination;
  /** Most spans kept unsealed, `OTEL_BSP_MAX_QUEUE_SIZE`. Beyond it a batch is sealed at once instead of dropped. */
  queueSize: number;
  /** Most spans of a request, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. */
  batchSize: number;
  /** Longest time in milliseconds a span waits for its batch to fill, `OTEL_BSP_SCHEDULE_DELAY`. */
  batchDelayMs: number;
  /** Which spans are dropped last when memory is short; by default all are alike. */
  laneOf?: (span: ReadableSpan) => Lane;
  /** Where batches go that memory cannot hold. */
  openSpool?: OpenSpool | undefined;
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
  const {
    destination,
    limits = defaultLimits,
    laneOf = () => 'rest' as const,
    openSpool,
    writeAhead = false,
  } = options;
  const losses = createLossReport({ now });
  const on = guarded(hearLosses(withChannel(options.on ?? {}), losses));
  const background = createBackground();
  const ledger = new Ledger();
  const queue = new BatchQueue(limits.queueBytes);
  const spooling = background(
    () => new Spooling({ openSpool, destination, ledger, on, writeAhead, found: () => replay() }),
  );
  const gone = () => endings.settle();
  const intake = new Intake({ destination, limits, ledger, queue, spooling, losses, on, sender: () => sender, gone });
  const sender: Sender = new Sender({
    destination,
    batchSize: options.batchSize,
    queue,
    ledger,
    limits,
    on,
    changed: () => {
      endings.settle();
      replay();
    },
    done: (batch, accepted) => {
      spooling.done(batch);
      if (batch.report) losses[accepted ? 'delivered' : 'undelivered']();
    },
    split: (batch, parts) => spooling.split(batch, parts),
    gaveUp: (reason, batches) => intake.shed(reason, batches),
  });
  const batchSize = Math.min(options.batchSize, limits.sealSpans);
  const pending = new PendingSpans({
    ...options,
    batchSize,
    // What is not on disk when the process is killed is lost: at most one batch.
    ...(writeAhead ? { most: batchSize } : {}),
    background,
    seal: (spans, lane) => {
      intake.seal(spans, lane);
      metrics.look();
      depart(spans.length >= batchSize);
    },
  });
  const depart = createDeparture({
    background,
    companyMs: limits.companyMs,
    hasRoom: () =>
      destination.joins === true &&
      !sender.failing &&
      queue.allSpans + batchSize <= options.batchSize &&
      queue.bytes <= limits.requestBytes / 2,
    pump: () => sender.pump(),
  });
  const endings: Endings = new Endings({
    destination,
    ledger,
    pending,
    intake,
    queue,
    sender,
    spooling,
    background,
    on,
  });
  const metrics = createExportMetrics({
    stats,
    unsealed: () => pending.length,
    queueSize: options.queueSize,
    ...(options.component ?? { exporter: destination.label }),
  });
  metrics.look();
  if (spooling.open) background(() => spooling.lookEvery(limits.replayMs));
  let ending: Promise<FlushResult> | undefined;

  function replay(): void {
    if (intake.replay()) background(() => sender.pump());
  }

  function stats(): ExportStats {
    const { ended, accepted, rejected, dropped, spooled, recovered } = ledger;
    const queued = pending.length + queue.spans + ownSpansOf(sender.inFlight);
    return { ended, accepted, rejected, dropped: { ...dropped }, queued, spooled, recovered: { ...recovered } };
  }

  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      // Bit 1 of the flags is "sampled"; a span that is only recorded is not for export.
      if ((span.spanContext().traceFlags & 1) === 0 || destination.discards) return;
      ledger.ended++;
      // While a shutdown is still sending, what ends goes along.
      if (ending && sender.stopped) intake.drop('after_shutdown', 1);
      else pending.add(span, laneOf(span));
    },
    forceFlush: async () => void (await endings.flush(DEFAULT_FLUSH_MS)),
    shutdown: async () => void (await pipeline.shutdown(DEFAULT_FLUSH_MS)),
  };

  const pipeline: Pipeline = {
    processor,
    flush: (timeoutMs) => ending ?? endings.flush(timeoutMs),
    shutdown: (timeoutMs) => {
      ending ??= endings.shutdown(timeoutMs);
      return ending;
    },
    kick: () => {
      pending.sealNow();
      background(() => sender.hurry());
    },
    callOff: () => sender.callOff(),
    lastChance: (deadlineMs) => endings.lastChance(deadlineMs),
    abandon: (reason) => endings.abandon(reason),
    stats,
  };
  return pipeline;
}

/** For callers of the SpanProcessor interface, which names no time. */
const DEFAULT_FLUSH_MS = 5_000;
