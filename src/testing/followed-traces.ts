// Owns which capture a span belongs to: by its trace, so that a server started anywhere in the process is followed; by a
// link to such a trace; and for a trace that begins now, by the callback it begins in.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { SpanWatcher } from '../probe.ts';
import type { Quiet } from '../quiet.ts';
import { Capture } from './capture.ts';

const callback = new AsyncLocalStorage<Capture>();
/** Of captures that are not over. */
const byTrace = new Map<string, Capture>();
const running = new Set<Capture>();
const bySpan = new WeakMap<object, Capture>();

type Linked = readonly { context: { traceId: string } }[] | undefined;

function captureOf(traceId: string, links: Linked): Capture | undefined {
  const known = byTrace.get(traceId);
  if (known !== undefined) return known;
  for (const link of links ?? []) {
    const linked = byTrace.get(link.context.traceId);
    if (linked !== undefined) return linked;
  }
  const around = callback.getStore();
  return around !== undefined && running.has(around) ? around : undefined;
}

export const watcher: SpanWatcher = {
  started(span) {
    const { traceId } = span.spanContext();
    const capture = captureOf(traceId, span.links);
    if (capture === undefined) return;
    byTrace.set(traceId, capture);
    capture.traceIds.add(traceId);
    bySpan.set(span, capture);
    capture.started(span);
  },
  ended: (span) => bySpan.get(span)?.ended(span),
  forgotten: (span) => bySpan.get(span)?.forgotten(span),
};

/** Runs `fn` so that what it begins belongs to a new capture, which goes on until `close`. */
export function openCapture<Result>(fn: () => Result): { capture: Capture; result: Result; close(): void } {
  const around = callback.getStore();
  const capture = new Capture(around !== undefined && running.has(around) ? around : undefined);
  running.add(capture);
  const close = () => {
    running.delete(capture);
    for (const traceId of capture.traceIds) byTrace.delete(traceId);
  };
  try {
    return { capture, result: callback.run(capture, fn), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Tracing that was set up for captures alone leaves everything else in the process as if it were not there. */
export const onlyFollowed: Quiet = {
  gateSampler(sampler: Sampler): Sampler {
    return {
      shouldSample(context, traceId, name, kind, attributes, links) {
        if (captureOf(traceId, links) === undefined) return { decision: SamplingDecision.NOT_RECORD };
        return sampler.shouldSample(context, traceId, name, kind, attributes, links);
      },
      toString: () => `Captured{${sampler.toString()}}`,
    };
  },
  gatePropagator(propagator: TextMapPropagator): TextMapPropagator {
    return {
      inject(context: Context, carrier, setter) {
        const traceId = trace.getSpanContext(context)?.traceId;
        if (traceId !== undefined && byTrace.has(traceId)) propagator.inject(context, carrier, setter);
      },
      extract: (context, carrier, getter) => propagator.extract(context, carrier, getter),
      fields: () => propagator.fields(),
    };
  },
};
