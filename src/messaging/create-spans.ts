// Owns the span of each message in a batch (a "Create" span of the messaging conventions): its context is the one the
// message carries, the span of the request is linked to it, and it says what became of the message.
import { type Attributes, type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { unsuppressTracing } from '@opentelemetry/core';

/** What became of one message of a batch. */
export interface MessageOutcome {
  messageId?: string | undefined;
  /** A code of the service: the message was refused. */
  error?: string | undefined;
}

/**
 * Starts one span a message. Without a span around the request they go under the one of the request, so that a batch is
 * one trace.
 */
export function startCreateSpans(count: number, send: Span, ambient: Context, destination: Attributes): Span[] {
  const name = destination['messaging.destination.name'];
  const around = trace.getSpanContext(ambient) === undefined ? trace.setSpan(ambient, send) : ambient;
  // Within a call the instrumentation suppresses what it would trace twice; the request's span is there, so these are too.
  const parent = unsuppressTracing(around);
  const tracer = trace.getTracer('keeptrace');
  const options = {
    kind: SpanKind.PRODUCER,
    attributes: { ...destination, 'messaging.operation.name': 'create', 'messaging.operation.type': 'create' },
  };
  const title = typeof name === 'string' ? `create ${name}` : 'create';
  return Array.from({ length: count }, () => {
    const span = tracer.startSpan(title, options, parent);
    send.addLink({ context: span.spanContext() });
    return span;
  });
}

/** Ends them, each with its id or its error; `failed` is the error of the whole request. */
export function endCreateSpans(spans: readonly Span[], outcomes: readonly MessageOutcome[], failed?: string): void {
  for (const [index, span] of spans.entries()) {
    const { messageId, error = failed } = outcomes[index] ?? {};
    if (messageId !== undefined) span.setAttribute('messaging.message.id', messageId);
    if (error !== undefined) {
      span.setAttribute('error.type', error);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }
}
