// Owns the counts of requests, taken before anything is sampled, so that rates stay true when nine of ten are dropped.
import { type Counter, type Histogram, metrics, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** One route's, since the start. */
export interface RequestCounts {
  count: number;
  errors: number;
  /** Sum of the durations in milliseconds. */
  durationMs: number;
  /** Longest one in milliseconds. */
  maxMs: number;
}

/** Span names are of low cardinality; this holds when they are not. */
const MOST_ROUTES = 200;
const OTHER = 'other';
/** A meter that fails may only be early; asking it at every request would cost each of them an exception. */
const ASK_AGAIN_MS = 10_000;

export class RequestCounter {
  readonly #now: () => number;
  readonly #routes = new Map<string, RequestCounts>();
  #instruments: { requests: Counter; errors: Counter; duration: Histogram } | undefined;
  #meterProvider: unknown;
  #askAgainAt = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param span a local root that has ended */
  count(span: ReadableSpan, failed: boolean): void {
    if (span.kind !== SpanKind.SERVER && span.kind !== SpanKind.CONSUMER) return;
    const route = this.#routes.has(span.name) || this.#routes.size < MOST_ROUTES ? span.name : OTHER;
    let counts = this.#routes.get(route);
    if (counts === undefined) {
      counts = { count: 0, errors: 0, durationMs: 0, maxMs: 0 };
      this.#routes.set(route, counts);
    }
    const measured = span.duration[0] * 1e3 + span.duration[1] / 1e6;
    // Where the app's clock had no time for the start, there is no duration, and one such sum would stay that way.
    const ms = Number.isFinite(measured) ? measured : undefined;
    counts.count++;
    counts.durationMs += ms ?? 0;
    if (ms !== undefined && ms > counts.maxMs) counts.maxMs = ms;
    if (failed) counts.errors++;
    try {
      this.#meter(route, ms, failed);
    } catch {
      // Somebody else's meter: what it throws would reach the app from the end of its span.
      this.#instruments = undefined;
      this.#askAgainAt = this.#now() + ASK_AGAIN_MS;
    }
  }

  /** By span name, `GET /orders/:id`. */
  stats(): Record<string, RequestCounts> {
    return Object.fromEntries([...this.#routes].map(([route, counts]) => [route, { ...counts }]));
  }

  /** The metrics API has no stand-in that later turns real, so the provider is looked up until there is one. */
  #meter(route: string, ms: number | undefined, failed: boolean): void {
    const provider = metrics.getMeterProvider();
    if (provider !== this.#meterProvider) {
      this.#meterProvider = provider;
      this.#instruments = undefined;
      this.#askAgainAt = 0;
    }
    if (this.#instruments === undefined) {
      if (this.#now() < this.#askAgainAt) return;
      const meter = provider.getMeter('keeptrace');
      this.#instruments = {
        requests: meter.createCounter('keeptrace.requests', { description: 'Requests, counted before sampling' }),
        errors: meter.createCounter('keeptrace.request.errors', { description: 'Failed requests, before sampling' }),
        duration: meter.createHistogram('keeptrace.request.duration', {
          description: 'Duration of requests, before sampling',
          unit: 's',
        }),
      };
    }
    const attributes = { 'keeptrace.route': route };
    this.#instruments.requests.add(1, attributes);
    if (ms !== undefined) this.#instruments.duration.record(ms / 1e3, attributes);
    if (failed) this.#instruments.errors.add(1, attributes);
  }
}
