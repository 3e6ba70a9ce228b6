// Who calls whom, over all traces held: by parents, and by the links of spans that process messages. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { ServiceMap } from './contract.ts';
import { isError, serviceOf } from './span-facts.ts';
import type { HeldTrace } from './store.ts';
import { durationOf } from './times.ts';

interface Edge {
  from: string;
  to: string;
  errors: number;
  durations: number[];
}

/** Of each edge, so that one busy pair of services cannot grow without end; the rest only counts. */
const MAX_DURATIONS = 10_000;

export function serviceMap(
  traces: Iterable<HeldTrace>,
  find: (traceId: string, spanId: string) => ReceivedSpan | undefined,
): ServiceMap {
  const services = new Map<string, { name: string; spans: number; errors: number }>();
  const edges = new Map<string, Edge & { calls: number }>();

  for (const trace of traces) {
    for (const span of trace.spans.values()) {
      const name = serviceOf(span);
      const failed = isError(span) ? 1 : 0;
      const service = services.get(name) ?? { name, spans: 0, errors: 0 };
      service.spans += 1;
      service.errors += failed;
      services.set(name, service);
      for (const from of callersOf(span, trace)) {
        if (from === name) continue;
        const key = JSON.stringify([from, name]);
        const edge = edges.get(key) ?? { from, to: name, calls: 0, errors: 0, durations: [] };
        edge.calls += 1;
        edge.errors += failed;
        if (edge.durations.length < MAX_DURATIONS) edge.durations.push(durationOf(span));
        edges.set(key, edge);
      }
    }
  }

  /** Each caller once, however many links lead to it. */
  function callersOf(span: ReceivedSpan, trace: HeldTrace): Set<string> {
    const callers = new Set<string>();
    const parent = span.parentSpanId === undefined ? undefined : trace.spans.get(span.parentSpanId);
    if (parent !== undefined) callers.add(serviceOf(parent));
    for (const { traceId, spanId } of span.links) {
      const linked = find(traceId, spanId);
      if (linked !== undefined) callers.add(serviceOf(linked));
    }
    return callers;
  }

  return {
    services: [...services.values()],
    edges: [...edges.values()].map(({ durations, ...edge }) => ({ ...edge, p50Ms: median(durations) })),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
