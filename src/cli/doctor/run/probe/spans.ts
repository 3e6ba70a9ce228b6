// Owns what is seen of spans: a processor beside the SDK's own, which keeps counts and names and no values.
import type { SpanFacts } from '../facts.ts';
import { quietly } from './quietly.ts';
import { appFrame, deepError } from './where.ts';

const MOST_OPEN = 2_000;
const MOST_NAMES = 500;
const MOST_TRACES = 200;
const OPEN_TOLD = 20;
const LONGEST_NAME = 120;

interface SeenSpan {
  name: string;
  spanContext(): { traceId: string; spanId: string };
  parentSpanContext?: { isRemote?: boolean; traceFlags: number };
  instrumentationScope?: { name?: string };
}

const now = performance.now.bind(performance);

export function watchSpans() {
  const open = new Map<string, { span: SeenSpan; at: number; made: Error }>();
  const names = new Map<string, string>();
  const traces = new Set<string>();
  let started = 0;
  let ended = 0;
  let remote = 0;
  let remoteUnsampled = 0;

  function begun(span: SeenSpan): void {
    started++;
    const parent = span.parentSpanContext;
    if (parent?.isRemote) {
      remote++;
      if ((parent.traceFlags & 1) === 0) remoteUnsampled++;
    }
    if (open.size < MOST_OPEN) open.set(span.spanContext().spanId, { span, at: now(), made: deepError() });
  }

  function over(span: SeenSpan): void {
    ended++;
    const { spanId, traceId } = span.spanContext();
    open.delete(spanId);
    if (traces.size < MOST_TRACES) traces.add(traceId);
    if (names.size < MOST_NAMES) names.set(span.name.slice(0, LONGEST_NAME), span.instrumentationScope?.name ?? '');
  }

  const processor = {
    onStart: (span: SeenSpan) => void quietly(() => begun(span)),
    onEnd: (span: SeenSpan) => void quietly(() => over(span)),
    forceFlush: async () => {},
    shutdown: async () => {},
  };

  return {
    /** First in line, so that nothing before it can keep a span to itself. */
    attach(provider: unknown): void {
      const { _activeSpanProcessor } = provider as { _activeSpanProcessor?: { _spanProcessors?: unknown[] } };
      const processors = _activeSpanProcessor?._spanProcessors;
      if (!processors?.includes(processor)) processors?.unshift(processor);
    },
    facts(): SpanFacts {
      const oldest = [...open.values()].slice(0, OPEN_TOLD);
      return {
        started,
        ended,
        remote,
        remoteUnsampled,
        open: oldest.map(({ span, at, made }) => ({
          name: span.name.slice(0, LONGEST_NAME),
          ageMs: Math.round((now() - at) / 100) * 100,
          at: quietly(() => appFrame(made)),
        })),
        names: [...names].map(([name, scope]) => ({ name, scope })),
        traces: [...traces],
      };
    },
  };
}
