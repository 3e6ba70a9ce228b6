// Owns how instrumentation-aws-sdk is configured, the current names of its attributes, and which of its spans are
// nothing but a poller waiting.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { AwsSdkInstrumentationConfig } from '@opentelemetry/instrumentation-aws-sdk';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

export const awsScope = '@opentelemetry/instrumentation-aws-sdk';

export function awsOpinions(): AwsSdkInstrumentationConfig {
  return {
    // The HTTP request inside every call would double each span and tell nothing new.
    suppressInternalInstrumentation: true,
  };
}

/**
 * True for a receive that brought no message and belongs to no trace: long polling makes three of them a minute and
 * queue, forever. A failed one is kept, and so is one inside a span of the app's own.
 */
export function isPollerNoise(span: ReadableSpan): boolean {
  return (
    span.kind === SpanKind.CONSUMER &&
    span.parentSpanContext === undefined &&
    span.instrumentationScope.name === awsScope &&
    span.status.code !== SpanStatusCode.ERROR &&
    !span.attributes['messaging.batch.message_count']
  );
}
