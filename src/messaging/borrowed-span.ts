// Owns the question whether a broker's own instrumentation has opened a span for this very message, as those of kafkajs,
// amqplib and BullMQ do. Then a second one would double it.
import { type Attributes, type Span, SpanKind, trace } from '@opentelemetry/api';
import { attribute } from './names.ts';

interface ReadSpan {
  kind?: SpanKind;
  attributes?: Attributes;
  instrumentationScope?: { name?: string };
}

/** The active span, when it is that of the message: a consumer's, in the message's trace or about its destination. */
export function spanOfMessage(traceId: string | undefined, destination: string | undefined): Span | undefined {
  const active = trace.getActiveSpan();
  if (active === undefined || !active.isRecording()) return undefined;
  const { kind, attributes = {}, instrumentationScope } = active as ReadSpan;
  if (kind !== SpanKind.CONSUMER || instrumentationScope?.name === 'keeptrace') return undefined;
  // A span of many messages is of none of them.
  if (attributes[attribute.messageCount] !== undefined || attributes[attribute.operationType] === 'receive')
    return undefined;
  const sameDestination = destination !== undefined && attributes[attribute.destination] === destination;
  return sameDestination || active.spanContext().traceId === traceId ? active : undefined;
}
