// Owns the span of an AWS call where no instrumentation makes one, as in an app bundled into one file: the same name, kind
// and attributes.
import { type Attributes, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { describeError, recordError } from '../span/record-error.ts';
import { type AwsMetadata, describeAttempts } from './aws-answer.ts';
import type { AwsCall } from './aws-call.ts';
import { messageCall } from './aws-names.ts';
import { carriers } from './carriers.ts';
import { extractHeaders } from './headers.ts';

/** Scope of the spans; those of polling that brings nothing are known by it. */
export const ownScope = 'keeptrace/messaging';
const official = '@opentelemetry/instrumentation-aws-sdk';

/** The span that the official instrumentation has open around this call. */
export function instrumentedSpan(): Span | undefined {
  const span = trace.getActiveSpan();
  const scope = (span as { instrumentationScope?: { name?: string } } | undefined)?.instrumentationScope?.name;
  return scope === official && span?.isRecording() === true ? span : undefined;
}

export function startAwsSpan({ service, command, input }: AwsCall): Span {
  const call = messageCall(service, command, input);
  const attributes: Attributes = {
    'rpc.system.name': 'aws-api',
    'rpc.method': `${service}/${command}`,
    ...call?.destination,
  };
  if (call !== undefined) attributes['messaging.operation.name'] = call.operation ?? command;
  if (call?.operation !== undefined) attributes['messaging.operation.type'] = call.operation;
  const kind = call?.operation === 'send' ? SpanKind.PRODUCER : SpanKind.CLIENT;
  return trace
    .getTracer(ownScope)
    .startSpan(call?.name ?? `${service}.${command}`, { kind, attributes }, context.active());
}

interface Answer {
  $metadata?: AwsMetadata;
  MessageId?: unknown;
  Messages?: { MessageId?: string; MessageAttributes?: never }[];
}

/** What the answer tells. */
export function describeAnswer(span: Span, command: string, output: unknown): void {
  const { $metadata, MessageId, Messages = [] } = (output ?? {}) as Answer;
  describeRequest(span, $metadata);
  if (typeof MessageId === 'string') span.setAttribute('messaging.message.id', MessageId);
  if (command !== 'ReceiveMessage') return;
  span.setAttribute('messaging.batch.message_count', Messages.length);
  for (const message of Messages) {
    const sent = trace.getSpanContext(extractHeaders(carriers.sqs, message?.MessageAttributes));
    if (sent !== undefined)
      span.addLink({ context: sent, attributes: { 'messaging.message.id': message.MessageId ?? '' } });
  }
}

/** @returns the type of the error */
export function describeFailure(span: Span, error: unknown): string {
  recordError(span, error);
  describeRequest(span, (error as { $metadata?: AwsMetadata } | undefined)?.$metadata);
  return describeError(error).type;
}

function describeRequest(span: Span, metadata: AwsMetadata | undefined): void {
  describeAttempts(span, metadata);
  if (typeof metadata?.requestId === 'string') span.setAttribute('aws.request_id', metadata.requestId);
  if (typeof metadata?.httpStatusCode === 'number') {
    span.setAttribute('http.response.status_code', metadata.httpStatusCode);
  }
}
