// A tracer provider in this process whose ended spans can be looked at, set up once for a test file.
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createSpanOpinions } from '../../src/provider/span-opinions.ts';

const exporter = new InMemorySpanExporter();
export const provider = new TracerProvider({
  // Also below a caller that does not sample, as keeptrace records everything.
  sampler: new AlwaysOnSampler(),
  spanProcessors: [createSpanOpinions(), new SimpleSpanProcessor({ exporter })],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

/** The spans that ended since the last call. */
export function takeSpans(): ReadableSpan[] {
  const spans = [...exporter.getFinishedSpans()];
  exporter.reset();
  return spans;
}
