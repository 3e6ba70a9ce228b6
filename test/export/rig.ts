// A provider, our pipeline and a fault collector, with the conservation law checked against the collector's books.
import type { Tracer } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'vitest';
import type { Destination } from '../../src/export/destination/destination-contract.ts';
import { createOtlpDestination, type OtlpDestinationOptions } from '../../src/export/destination/otlp-destination.ts';
import type { PipelineEvents } from '../../src/export/events.ts';
import { defaultLimits, type ExportLimits } from '../../src/export/limits.ts';
import { createPipeline, type ExportStats, type Pipeline, type PipelineOptions } from '../../src/export/pipeline.ts';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';

/** Real waits, a tenth to a hundredth as long. */
export const quick: ExportLimits = {
  ...defaultLimits,
  sealSpans: 512,
  backoffBaseMs: 20,
  backoffCapMs: 200,
  absentCapMs: 200,
  slowestDrainMs: 50,
  hurryMs: 50,
  retryAfterFloorMs: 100,
  retryAfterCapMs: 3_000,
};

type Recorded = { [K in keyof PipelineEvents]-?: Parameters<NonNullable<PipelineEvents[K]>>[0][] };

export interface Rig {
  collector: FaultCollector;
  pipeline: Pipeline;
  tracer: Tracer;
  events: Recorded;
  /** Ends `count` spans with unique names. */
  spans(count: number): void;
  /** `ended = accepted + rejected + dropped + queued`, and the collector agrees. */
  balance(): ExportStats;
}

export interface RigOptions {
  limits?: Partial<ExportLimits>;
  pipeline?: Partial<PipelineOptions>;
  otlp?: Partial<OtlpDestinationOptions>;
  collector?: FaultCollector;
  destination?: Destination;
}

const open: Rig[] = [];

/** For `afterEach`. */
export async function closeRigs(): Promise<void> {
  for (const rig of open.splice(0)) {
    await rig.pipeline.shutdown(0);
    await rig.collector.close();
  }
}

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const collector = options.collector ?? (await startFaultCollector());
  const limits = { ...quick, ...options.limits };
  const events: Recorded = {
    accepted: [],
    retrying: [],
    rejected: [],
    dropped: [],
    recovered: [],
    problem: [],
    ended: [],
  };
  const destination =
    options.destination ??
    createOtlpDestination({
      url: collector.url,
      protocol: 'http/protobuf',
      exportTimeoutMs: 2_000,
      limits,
      ...options.otlp,
    });
  const pipeline = createPipeline({
    destination,
    queueSize: 2_048,
    batchSize: 512,
    batchDelayMs: 20,
    limits,
    on: {
      accepted: (event) => events.accepted.push(event),
      retrying: (event) => events.retrying.push(event),
      rejected: (event) => events.rejected.push(event),
      dropped: (event) => events.dropped.push(event),
      ended: () => events.ended.push(undefined as never),
    },
    ...options.pipeline,
  });
  const provider = new TracerProvider({ spanProcessors: [pipeline.processor] });
  const tracer = provider.getTracer('rig');
  let n = 0;
  const rig: Rig = {
    collector,
    pipeline,
    tracer,
    events,
    spans: (count) => {
      for (let i = 0; i < count; i++) tracer.startSpan(`span ${n++}`).end();
    },
    balance: () => {
      const stats = pipeline.stats();
      const { ended, accepted, rejected, dropped, queued, spooled } = stats;
      const droppedTotal = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      expect(accepted + rejected + droppedTotal + queued + spooled, JSON.stringify(stats)).toBe(ended);
      // What we count as accepted has been acknowledged. An acknowledgement that we never saw makes it more there.
      expect(collector.acked.size).toBeGreaterThanOrEqual(accepted);
      return stats;
    },
  };
  open.push(rig);
  return rig;
}
