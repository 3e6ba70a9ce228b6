// Holds the last traces, bounded by their number, their spans and their bytes. The oldest goes first; a late span
// updates its trace without making it younger.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import { weighBag, weighSpan } from './weigh.ts';

export interface StoreLimits {
  traces: number;
  /** Default 100,000. */
  spans?: number;
  /** Estimated. Default 96 MiB. */
  bytes?: number;
}

export interface HeldTrace {
  readonly traceId: string;
  /** By span id: what is exported twice is one span. */
  readonly spans: Map<string, ReceivedSpan>;
  bytes: number;
  /** Of the last change. */
  seq: number;
}

export interface StoreEvents {
  changed?(trace: HeldTrace): void;
  evicted?(traceId: string): void;
  cleared?(): void;
}

/** One trace may take this share of the room, so that a runaway loop does not push out all others and itself. */
const SHARE_OF_ONE = 2;
const DEFAULT_SPANS = 100_000;
const DEFAULT_BYTES = 96 * 1024 * 1024;

export class TraceStore {
  readonly #limits: Required<StoreLimits>;
  readonly #events: StoreEvents;
  /** In order of arrival. */
  readonly #traces = new Map<string, HeldTrace>();
  #spans = 0;
  #bytes = 0;
  #seq = 0;
  evicted = 0;
  refusedSpans = 0;

  constructor(limits: StoreLimits, events: StoreEvents = {}) {
    this.#limits = { spans: DEFAULT_SPANS, bytes: DEFAULT_BYTES, ...limits };
    this.#events = events;
  }

  get size(): number {
    return this.#traces.size;
  }

  get spanCount(): number {
    return this.#spans;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get seq(): number {
    return this.#seq;
  }

  add(spans: readonly ReceivedSpan[]): void {
    const touched = new Set<HeldTrace>();
    let resource: unknown;
    for (const span of spans) {
      // A resource is shared by the spans of a request; the first of them carries its weight.
      const shared = span.resource === resource ? 0 : weighBag(span.resource);
      resource = span.resource;
      const trace = this.#put(span, shared);
      if (trace !== undefined) touched.add(trace);
    }
    for (const trace of touched) {
      if (this.#traces.get(trace.traceId) !== trace) continue;
      trace.seq = ++this.#seq;
      this.#events.changed?.(trace);
    }
  }

  get(traceId: string): HeldTrace | undefined {
    return this.#traces.get(traceId);
  }

  /** Newest first. */
  list(): HeldTrace[] {
    return [...this.#traces.values()].reverse();
  }

  clear(): void {
    this.#traces.clear();
    this.#spans = 0;
    this.#bytes = 0;
    this.#seq += 1;
    this.#events.cleared?.();
  }

  #put(span: ReceivedSpan, shared: number): HeldTrace | undefined {
    let trace = this.#traces.get(span.traceId);
    if (trace === undefined) {
      trace = { traceId: span.traceId, spans: new Map(), bytes: 0, seq: 0 };
      this.#traces.set(span.traceId, trace);
    }
    const before = trace.spans.get(span.spanId);
    const bytes = weighSpan(span) + (before === undefined ? shared : -weighSpan(before));
    if (this.#isFull(trace, bytes, before === undefined)) {
      this.refusedSpans += 1;
      return undefined;
    }
    trace.spans.set(span.spanId, span);
    trace.bytes += bytes;
    this.#bytes += bytes;
    if (before === undefined) this.#spans += 1;
    this.#makeRoom(trace);
    return trace;
  }

  #isFull(trace: HeldTrace, bytes: number, isNew: boolean): boolean {
    if (isNew && trace.spans.size >= this.#limits.spans / SHARE_OF_ONE) return true;
    return trace.spans.size > 0 && trace.bytes + bytes > this.#limits.bytes / SHARE_OF_ONE;
  }

  #makeRoom(latest: HeldTrace): void {
    const { traces, spans, bytes } = this.#limits;
    for (const trace of this.#traces.values()) {
      if (this.#traces.size <= traces && this.#spans <= spans && this.#bytes <= bytes) return;
      if (trace === latest) continue;
      this.#traces.delete(trace.traceId);
      this.#spans -= trace.spans.size;
      this.#bytes -= trace.bytes;
      this.evicted += 1;
      this.#events.evicted?.(trace.traceId);
    }
  }
}
