// Joins store, summaries, events and server to one viewer that can be started and closed.
import { createServer } from 'node:http';
import { answerFailure } from '../../receiver/otlp-endpoint.ts';
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { ServiceMap } from './contract.ts';
import { EventHub } from './events.ts';
import { columnOf } from './filter.ts';
import { limitConnections } from './guards.ts';
import { listenOnLoopback } from './listen.ts';
import { resourceSpans } from './otlp-export.ts';
import { pageFiles } from './page-files.ts';
import { type PasteContext, pasteLines } from './paste.ts';
import { route, type ViewerFace } from './routes.ts';
import { serviceMap } from './service-map.ts';
import { spansJson } from './span-json.ts';
import { type HeldTrace, type StoreEvents, type StoreLimits, TraceStore } from './store.ts';
import { Summaries } from './summary.ts';
import type { Policy } from './verdict.ts';

export interface ViewerOptions extends Policy {
  version: string;
  /** 0 for any. */
  port: number;
  /** Whether another port will not do. */
  exactPort: boolean;
  limits: StoreLimits;
  paste?: Omit<PasteContext, 'url'>;
  /** Told of every export of traces, before it is held. */
  onSpans?(spans: ReceivedSpan[]): void;
  onCleared?(): void;
  /** Also told of every change, after the pages. */
  watcher?: StoreEvents;
  warn(sentence: string): void;
}

export interface Viewer {
  url: string;
  /** Set when the wanted port was taken. */
  insteadOf: number | undefined;
  store: TraceStore;
  summaries: Summaries;
  close(): Promise<void>;
}

export type ViewerStart =
  | { kind: 'started'; viewer: Viewer }
  | { kind: 'running'; url: string; version: string }
  | { kind: 'taken'; port: number };

export async function startViewer(options: ViewerOptions): Promise<ViewerStart> {
  const { version, port, exactPort, limits, ratio, slowMs, warn } = options;
  const summaries = new Summaries({ ratio, slowMs });
  const signals = { logs: 0, metrics: 0 };
  let url = '';
  let map: { seq: number; value: ServiceMap } | undefined;

  const hub = new EventHub({
    newest: (count) =>
      store
        .list()
        .slice(0, count)
        .map((trace) => summaries.of(trace)),
    summary: (traceId) => {
      const trace = store.get(traceId);
      return trace && summaries.of(trace);
    },
    held: () => store.size,
  });
  const store = new TraceStore(limits, both(hub, options.watcher));
  const find = (traceId: string, spanId: string) => store.get(traceId)?.spans.get(spanId);

  const face: ViewerFace = {
    take(signal, spans) {
      if (signal !== 'traces') {
        signals[signal] += 1;
        return;
      }
      options.onSpans?.(spans);
      store.add(spans);
    },
    about: () => ({
      version,
      url,
      limit: limits.traces,
      ratio,
      slowMs,
      paste: pasteLines({ ...options.paste, url }),
      counts: {
        traces: store.size,
        spans: store.spanCount,
        evicted: store.evicted,
        refusedSpans: store.refusedSpans,
        ...signals,
      },
    }),
    traces({ limit, column, matches }) {
      const traces = [];
      for (const trace of store.list()) {
        if (traces.length >= limit) break;
        const summary = summaries.of(trace);
        if (!matches(summary, trace)) continue;
        const value = column === undefined ? undefined : columnOf(trace, column);
        traces.push(value === undefined ? summary : { ...summary, column: value });
      }
      return { traces, held: store.size, seq: store.seq };
    },
    trace(traceId) {
      const trace = store.get(traceId);
      if (trace === undefined) return undefined;
      return {
        summary: summaries.of(trace),
        ...spansJson(trace.spans.values(), (id, spanId) => find(id, spanId) !== undefined),
      };
    },
    *otlp(traceId) {
      const traces: HeldTrace[] = traceId === undefined ? store.list() : [store.get(traceId)!];
      for (const trace of traces) yield resourceSpans(trace.spans.values());
    },
    map() {
      if (map?.seq !== store.seq) map = { seq: store.seq, value: serviceMap(store.list(), find) };
      return map.value;
    },
    listen: (response) => hub.connect(response),
    clear() {
      store.clear();
      options.onCleared?.();
    },
  };

  const files = pageFiles();
  const listening = await listenOnLoopback(port, exactPort, () =>
    createServer((request, response) => {
      route(request, response, face, files).catch((error: unknown) => answerFailure(request, response, error));
    }),
  );
  if (listening.kind === 'running') return { ...listening, url: `http://localhost:${listening.port}` };
  if (listening.kind === 'taken') return listening;
  const { servers } = listening;
  url = `http://localhost:${listening.port}`;

  limitConnections(servers, warn);
  const close = () =>
    Promise.all(
      servers.map((server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeAllConnections();
        return closed;
      }),
    ).then(() => {});
  return { kind: 'started', viewer: { url, insteadOf: listening.takenBy, store, summaries, close } };
}

function both(first: Required<StoreEvents>, second: StoreEvents | undefined): StoreEvents {
  if (second === undefined) return first;
  return {
    changed(trace) {
      first.changed(trace);
      second.changed?.(trace);
    },
    evicted(traceId) {
      first.evicted(traceId);
      second.evicted?.(traceId);
    },
    cleared() {
      first.cleared();
      second.cleared?.();
    },
  };
}
