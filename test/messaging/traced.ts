// A provider as keeptrace makes it, as far as messages are concerned; what each span had when it started is remembered.
import { context, propagation, SpanKind, type SpanOptions, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { noteFailedDependencies } from '../../src/messaging/failed-dependency.ts';
import { createPropagator } from '../../src/provider/propagation.ts';
import { createSpanOpinions } from '../../src/provider/span-opinions.ts';

const exporter = new InMemorySpanExporter();
const startedWith = new Map<string, Record<string, unknown>>();
const sampler: Sampler = {
  shouldSample(_, traceId, name, __, attributes) {
    startedWith.set(`${traceId} ${name}`, { ...attributes });
    // Everything is recorded, as the keeper does; the flag is the caller's.
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  },
};
trace.setGlobalTracerProvider(
  new TracerProvider({
    sampler,
    spanProcessors: [createSpanOpinions(), noteFailedDependencies(), new SimpleSpanProcessor({ exporter })],
  }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage']));

/** The spans that ended since the last call. */
export function takeSpans(): ReadableSpan[] {
  const spans = [...exporter.getFinishedSpans()];
  exporter.reset();
  return spans;
}

/** The only span that ended since the last call. */
export function takeSpan(): ReadableSpan {
  const spans = takeSpans();
  if (spans.length !== 1) throw new Error(`${spans.length} spans ended: ${spans.map((span) => span.name).join(', ')}`);
  return spans[0]!;
}

export function attributesAtStart(span: ReadableSpan): Record<string, unknown> | undefined {
  return startedWith.get(`${span.spanContext().traceId} ${span.name}`);
}

/** A call below whatever is active, as an instrumentation makes it, that ends as `attributes` say. */
export function call(name: string, attributes: SpanOptions['attributes'] = {}, error?: string): void {
  const span = trace.getTracer('test').startSpan(name, { kind: SpanKind.CLIENT, attributes });
  if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: 2 });
  span.end();
}

export const traceId = '0af7651916cd43dd8448eb211c80319c';
export const spanId = 'b7ad6b7169203331';
export const traceparent = `00-${traceId}-${spanId}-01`;
export const xray = (sampled: 0 | 1, root = traceId) =>
  `Root=1-${root.slice(0, 8)}-${root.slice(8)};Parent=${spanId};Sampled=${sampled};Lineage=1:abc:0`;
/** As keeptrace writes it, after a service on the way has put itself in as the parent. */
export const ownXray = (sampled: 0 | 1, platform: 0 | 1 = sampled) =>
  `${xray(platform).replace(spanId, '53995c3f42cd8ad8')};Keeptrace=${spanId}-${sampled}`;

export const text = (StringValue: string) => ({ DataType: 'String', StringValue });
export const notification = (Message: string, MessageAttributes?: object) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'n-1',
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:orders',
    Message,
    Timestamp: '2026-11-21T08:00:00.000Z',
    ...(MessageAttributes && { MessageAttributes }),
  });
export const event = (detail: object) =>
  JSON.stringify({ version: '0', id: 'e-1', 'detail-type': 'order placed', source: 'shop', account: '1', detail });
