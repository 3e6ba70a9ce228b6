// What the page and scripts are told over HTTP. Times are milliseconds, ids lower-case hex.

export interface Verdict {
  kept: boolean;
  /** `error`, `slow`, `manual`, `head`, `dropped`, or another `keeptrace.reason` that the application wrote. */
  reason: string;
  /** A sentence: `production keeps it: slow, 2.40 s > 1 s`. */
  text: string;
}

export interface TraceSummary {
  traceId: string;
  /** Name of the root, or of the first span when the root is not here. */
  name: string;
  /** Since the epoch. */
  startMs: number;
  /** From the first start to the last end, what goes on after the response included. */
  durationMs: number;
  spans: number;
  /** In order of their first span. */
  services: string[];
  error: boolean;
  slow: boolean;
  verdict: Verdict;
  /** Its root is not here. */
  partial: boolean;
  /** Grows with every change. */
  seq: number;
}

export interface TraceJson {
  summary: TraceSummary;
  /** Attributes of who made the spans. */
  resources: Record<string, unknown>[];
  spans: SpanJson[];
}

export interface SpanJson {
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  service: string;
  /** Since the start of the trace. */
  offsetMs: number;
  durationMs: number;
  status: 'unset' | 'ok' | 'error';
  statusMessage: string;
  /** On the critical path of the root. */
  critical: boolean;
  /** Time in which no child ran. */
  selfMs: number;
  attributes: Record<string, unknown>;
  /** Its place in `resources`: with each span it would be half of a large answer. */
  resource: number;
  scope: { name: string; version: string };
  events: { name: string; offsetMs: number; attributes: Record<string, unknown> }[];
  /** `here`: the linked span is held, too. */
  links: { traceId: string; spanId: string; attributes: Record<string, unknown>; here: boolean }[];
  traceState: string;
  flags: number;
  dropped: { attributes: number; events: number; links: number };
}

export interface Counts {
  traces: number;
  spans: number;
  /** Traces that had to go for newer ones. */
  evicted: number;
  /** Spans refused because their trace was too large already. */
  refusedSpans: number;
  /** Exports of the two other signals: taken, counted and thrown away. */
  logs: number;
  metrics: number;
}

export interface About {
  version: string;
  url: string;
  /** Traces held at most. */
  limit: number;
  /** Of normal traffic kept in production, 0…1. */
  ratio: number;
  slowMs: number;
  /** Lines to paste: for any SDK of OpenTelemetry, for a Node application, for its code. */
  paste: { env: string; preload: string; code: string };
  counts: Counts;
}

export interface ServiceMap {
  services: { name: string; spans: number; errors: number }[];
  edges: { from: string; to: string; calls: number; errors: number; p50Ms: number }[];
}
