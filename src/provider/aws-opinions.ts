// Owns how instrumentation-aws-sdk is configured, the current names of its attributes, and which of its spans are
// nothing but a poller waiting.
import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { AwsSdkInstrumentationConfig, NormalizedRequest } from '@opentelemetry/instrumentation-aws-sdk';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describeAttempts } from '../messaging/aws-answer.ts';
import type { SendOptions } from '../messaging/aws-call.ts';
import { messageCall } from '../messaging/aws-names.ts';
import { ownScope } from '../messaging/own-aws-span.ts';
import { createProducerHooks } from '../messaging/producer-hooks.ts';
import { setKind } from '../messaging/span-kind.ts';
import { describeError } from '../span/record-error.ts';
import { attributesOf, renameAttribute } from './span-attributes.ts';

const scopes = new Set(['@opentelemetry/instrumentation-aws-sdk', ownScope]);

export function awsOpinions(options?: SendOptions): AwsSdkInstrumentationConfig {
  const producer = createProducerHooks(options);
  return {
    // The HTTP request inside every call would double each span and tell nothing new.
    suppressInternalInstrumentation: true,
    preRequestHook(span, { request }) {
      nameCall(span, request);
      producer.before(span, request);
    },
    responseHook(span, { response }) {
      settleAttributes(span);
      describeAttempts(span, response.data?.$metadata);
      producer.after(span, response.data);
    },
    exceptionHook(span, _, error) {
      settleAttributes(span);
      const { type } = describeError(error);
      span.setAttribute('error.type', type);
      const id: unknown = error?.$metadata?.requestId;
      if (typeof id === 'string') span.setAttribute('aws.request_id', id);
      describeAttempts(span, error?.$metadata);
      producer.after(span, undefined, type);
    },
  };
}

/**
 * The instrumentation writes names of several generations. Those that semantic conventions 1.45 deprecate are replaced:
 * `rpc.service` is part of `rpc.method` now, a DynamoDB table is a collection.
 */
function nameCall(span: Span, { serviceName: service, commandName: command, commandInput }: NormalizedRequest): void {
  const attributes = attributesOf(span);
  if (attributes === undefined || !span.isRecording()) return;
  attributes['rpc.system.name'] = 'aws-api';
  attributes['rpc.method'] = `${service}/${command}`;
  delete attributes['rpc.system'];
  delete attributes['rpc.service'];
  if (service === 'DynamoDB') {
    attributes['db.system.name'] = 'aws.dynamodb';
    renameAttribute(span, 'db.namespace', 'db.collection.name');
  }
  const call = messageCall(service, command, commandInput ?? {});
  if (call === undefined) return;
  // The topic by its ARN, or the number a text message goes to.
  if (service === 'SNS') delete attributes['messaging.destination.name'];
  delete attributes['messaging.destination'];
  delete attributes['messaging.destination_kind'];
  // Both generations: backends still group by the older name, which is not stable in any version.
  Object.assign(attributes, call.destination);
  attributes['messaging.operation.name'] = call.operation ?? command;
  if (call.operation !== undefined) {
    attributes['messaging.operation.type'] = call.operation;
    setKind(span, call.operation === 'send' ? SpanKind.PRODUCER : SpanKind.CLIENT);
  }
  if (call.name !== undefined) span.updateName(call.name);
}

function settleAttributes(span: Span): void {
  renameAttribute(span, 'aws.request.id', 'aws.request_id');
  renameAttribute(span, 'aws.request.extended_id', 'aws.extended_request_id');
  renameAttribute(span, 'faas.execution', 'faas.invocation.id');
  // It holds the keys of the items that were written, so data.
  delete attributesOf(span)?.['aws.dynamodb.item_collection_metrics'];
}

/**
 * True for what a poller does outside any trace: a receive that brought no message (three a minute and queue, forever),
 * and the deletions after each message. A failed call is kept, and so is one inside a span of the app's own.
 */
export function isPollerNoise(span: ReadableSpan): boolean {
  if (
    span.parentSpanContext !== undefined ||
    !scopes.has(span.instrumentationScope.name) ||
    span.status.code === SpanStatusCode.ERROR
  ) {
    return false;
  }
  const type = span.attributes['messaging.operation.type'];
  return type === 'settle' || (type === 'receive' && !span.attributes['messaging.batch.message_count']);
}
