// The books of the export path as the metrics that OpenTelemetry names for SDKs, read from the ledger when a reader asks.
import { type Attributes, metrics, type Observable, type ObservableResult } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions';
import {
  ATTR_OTEL_COMPONENT_NAME,
  ATTR_OTEL_COMPONENT_TYPE,
  METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
  METRIC_OTEL_SDK_EXPORTER_SPAN_INFLIGHT,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY,
  METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE,
  OTEL_COMPONENT_TYPE_VALUE_BATCHING_SPAN_PROCESSOR,
  OTEL_COMPONENT_TYPE_VALUE_OTLP_GRPC_SPAN_EXPORTER,
  OTEL_COMPONENT_TYPE_VALUE_OTLP_HTTP_JSON_SPAN_EXPORTER,
  OTEL_COMPONENT_TYPE_VALUE_OTLP_HTTP_SPAN_EXPORTER,
} from '@opentelemetry/semantic-conventions/incubating';
import type { DropReason, ExportStats } from '../accounting.ts';

/** What the conventions call the exporter. */
export interface ExporterComponent {
  /** `http/protobuf`, `http/json`, `grpc`, or the name of another exporter. */
  exporter: string;
  /** Of the destination, if it has an address. */
  url?: string | undefined;
}

export interface ExportMetricsOptions extends ExporterComponent {
  stats: () => ExportStats;
  /** Live spans that are not sealed yet: the queue of the processor, in the words of the conventions. */
  unsealed: () => number;
  /** Most of them. */
  queueSize: number;
}

export interface ExportMetrics {
  /** Registers with the meter provider of the moment if that is a new one. Cheap; never throws. */
  look(): void;
  close(): void;
}

/** @param settings those that choose the destination */
export function componentOf(settings: {
  exporter: string;
  protocol: string;
  endpoint: string;
  spanExporter?: object | undefined;
}): ExporterComponent {
  const { exporter, protocol, endpoint, spanExporter } = settings;
  if (spanExporter) return { exporter: spanExporter.constructor?.name || 'SpanExporter' };
  return exporter === 'otlp' ? { exporter: protocol, url: endpoint } : { exporter };
}

/** Given up before the exporter had them; everything else is an export that failed. */
const beforeExport = new Map<DropReason, string>([
  ['poison', 'poison'],
  ['oversize', 'oversize'],
  ['internal', 'internal'],
  ['after_shutdown', 'already_shutdown'],
]);

const exporterTypes: Record<string, string> = {
  'http/protobuf': OTEL_COMPONENT_TYPE_VALUE_OTLP_HTTP_SPAN_EXPORTER,
  'http/json': OTEL_COMPONENT_TYPE_VALUE_OTLP_HTTP_JSON_SPAN_EXPORTER,
  grpc: OTEL_COMPONENT_TYPE_VALUE_OTLP_GRPC_SPAN_EXPORTER,
};

/** The metrics API has no stand-in that later turns real, so the provider is looked up again with every batch. */
export function createExportMetrics(options: ExportMetricsOptions): ExportMetrics {
  const processor = component(OTEL_COMPONENT_TYPE_VALUE_BATCHING_SPAN_PROCESSOR);
  const exporter = { ...component(exporterTypes[options.exporter] ?? options.exporter), ...address(options.url) };
  const read = readings(options, processor, exporter);
  let known: unknown;
  let registered: [Observable, Reading][] = [];

  function close(): void {
    for (const [instrument, callback] of registered) instrument.removeCallback(callback);
    registered = [];
  }

  function register(): void {
    const meter = metrics.getMeterProvider().getMeter('keeptrace');
    const unit = '{span}';
    const add = (instrument: Observable, callback: Reading) => {
      instrument.addCallback(callback);
      registered.push([instrument, callback]);
    };
    const total = (name: string, description: string) => meter.createObservableCounter(name, { unit, description });
    const level = (name: string, description: string) =>
      meter.createObservableUpDownCounter(name, { unit, description });
    add(total(METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED, 'Spans given to the exporter, or given up.'), read.processed);
    add(level(METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE, 'Ended spans not yet given to the exporter.'), read.queued);
    add(level(METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY, 'Most of these.'), read.capacity);
    add(total(METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED, 'Spans whose export has finished.'), read.exported);
    add(level(METRIC_OTEL_SDK_EXPORTER_SPAN_INFLIGHT, 'Encoded spans that wait or are being sent.'), read.inflight);
  }

  return {
    look() {
      try {
        const provider = metrics.getMeterProvider();
        if (provider === known) return;
        known = provider;
        close();
        register();
      } catch {
        // Somebody else's meter. It is not tried again.
      }
    },
    close,
  };
}

type Reading = (result: ObservableResult) => void;

function readings({ stats, unsealed, queueSize }: ExportMetricsOptions, processor: Attributes, exporter: Attributes) {
  const drops = (when: 'before' | 'after') =>
    (Object.entries(stats().dropped) as [DropReason, number][]).filter(
      ([reason]) => beforeExport.has(reason) === (when === 'before'),
    );
  return {
    processed: (result: ObservableResult) => {
      let given = stats().ended - unsealed();
      for (const [reason, spans] of drops('before')) {
        given -= spans;
        result.observe(spans, { ...processor, [ATTR_ERROR_TYPE]: beforeExport.get(reason)! });
      }
      result.observe(given, processor);
    },
    queued: (result: ObservableResult) => result.observe(unsealed(), processor),
    capacity: (result: ObservableResult) => result.observe(queueSize, processor),
    exported: (result: ObservableResult) => {
      const { accepted, rejected, recovered } = stats();
      result.observe(accepted + recovered.accepted, exporter);
      const refused = rejected + recovered.rejected;
      if (refused > 0) result.observe(refused, { ...exporter, [ATTR_ERROR_TYPE]: 'rejected' });
      for (const [reason, spans] of drops('after')) result.observe(spans, { ...exporter, [ATTR_ERROR_TYPE]: reason });
    },
    inflight: (result: ObservableResult) => result.observe(stats().queued - unsealed(), exporter),
  };
}

/** One of each in a process; the name tells it from those of the official SDK, which are numbered. */
function component(type: string): Attributes {
  return { [ATTR_OTEL_COMPONENT_TYPE]: type, [ATTR_OTEL_COMPONENT_NAME]: `${type}/keeptrace` };
}

function address(url: string | undefined): Attributes {
  if (url === undefined) return {};
  try {
    const { hostname, port, protocol } = new URL(url);
    return { [ATTR_SERVER_ADDRESS]: hostname, [ATTR_SERVER_PORT]: Number(port) || (protocol === 'https:' ? 443 : 80) };
  } catch {
    return {};
  }
}
