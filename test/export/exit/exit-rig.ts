// Bodies to send at the end of a process, and a collector that can answer while this thread stands still.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  createOtlpDestination,
  type OtlpDestinationOptions,
} from '../../../src/export/destination/otlp-destination.ts';
import type { ExitJob } from '../../../src/export/exit/exit-flush.ts';
import type { Fault } from '../../faults/fault-collector.ts';

interface Seen {
  /** Span names, and how often. */
  acked: [name: string, times: number][];
  requests: { method: string; url: string; headers: Record<string, string>; first: string | undefined }[];
  sockets: { open: number; most: number };
  undecodable: number;
}

export interface DistantCollector {
  url: string;
  seen(): Promise<Seen>;
  down(): Promise<Seen>;
}

const open: Worker[] = [];

/** For `afterEach`. */
export async function closeCollectors(): Promise<void> {
  for (const worker of open.splice(0)) await worker.terminate();
}

export async function startDistantCollector(options: { fault?: Fault; tls?: object } = {}): Promise<DistantCollector> {
  const worker = new Worker(new URL('./exit-collector-thread.ts', import.meta.url), { workerData: options });
  open.push(worker);
  const [{ url }] = (await once(worker, 'message')) as [{ url: string }];
  const ask = async (command: string): Promise<Seen> => {
    worker.postMessage(command);
    const [seen] = (await once(worker, 'message')) as [Seen];
    return seen;
  };
  return { url, seen: () => ask('seen'), down: () => ask('down') };
}

/** `count` spans in bodies of `perBody`, as an OTLP destination puts them on the wire. */
export function bodies(count: number, perBody: number, options: Partial<OtlpDestinationOptions> = {}): ExitJob[] {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('exit');
  for (let i = 0; i < count; i++) {
    const span = tracer.startSpan(`span ${i}`);
    for (let n = 0; n < 10; n++) span.setAttribute(`attribute.${n}`, `a value of ordinary length, ${i} ${n}`);
    span.end();
  }
  const spans = exporter.getFinishedSpans();
  const destination = createOtlpDestination({
    url: 'http://127.0.0.1',
    protocol: 'http/protobuf',
    exportTimeoutMs: 1_000,
    ...options,
  });
  const jobs: ExitJob[] = [];
  for (let at = 0; at < spans.length; at += perBody) {
    for (const { body, spanCount } of destination.seal(spans.slice(at, at + perBody)).sealed) {
      if (body.kind === 'bytes') jobs.push({ bytes: body.bytes, spanCount });
    }
  }
  return jobs;
}
