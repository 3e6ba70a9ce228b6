// Owns how instrumentation-aws-sdk is configured, the current names of its attributes, and which of its spans are
// nothing but a poller waiting.
import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { AwsSdkInstrumentationConfig } from '@opentelemetry/instrumentation-aws-sdk';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describeError } from '../span/record-error.ts';
import { attributesOf, renameAttribute } from './span-attributes.ts';

const scope = '@opentelemetry/instrumentation-aws-sdk';

export function awsOpinions(): AwsSdkInstrumentationConfig {
  return {
    // The HTTP request inside every call would double each span and tell nothing new.
    suppressInternalInstrumentation: true,
    preRequestHook: (span, { request }) => nameCall(span, request.serviceName, request.commandName),
    responseHook: settleAttributes,
    exceptionHook(span, _, error) {
      settleAttributes(span);
      span.setAttribute('error.type', describeError(error).type);
      const id: unknown = error?.$metadata?.requestId;
      if (typeof id === 'string') span.setAttribute('aws.request_id', id);
    },
  };
}

/** What a message call does, in the words of the conventions. */
const operationTypes: Record<string, string> = {
  SendMessage: 'send',
  SendMessageBatch: 'send',
  Publish: 'send',
  PublishBatch: 'send',
  ReceiveMessage: 'receive',
  DeleteMessage: 'settle',
  DeleteMessageBatch: 'settle',
  ChangeMessageVisibility: 'settle',
  ChangeMessageVisibilityBatch: 'settle',
};

/**
 * The instrumentation writes names of several generations. Those that semantic conventions 1.45 deprecate are replaced:
 * `rpc.service` is part of `rpc.method` now, a DynamoDB table is a collection.
 */
function nameCall(span: Span, service: string, command: string): void {
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
  if (service === 'SQS' || service === 'SNS') {
    delete attributes['messaging.destination'];
    delete attributes['messaging.destination_kind'];
    // Both generations: backends still group by the older name, which is not stable in any version.
    attributes['messaging.system.name'] = service === 'SQS' ? 'aws.sqs' : 'aws.sns';
    attributes['messaging.operation.name'] = command;
    const type = operationTypes[command];
    if (type !== undefined) attributes['messaging.operation.type'] = type;
  }
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
    span.instrumentationScope.name !== scope ||
    span.status.code === SpanStatusCode.ERROR
  ) {
    return false;
  }
  const settles = span.attributes['messaging.operation.type'] === 'settle';
  return settles || (span.kind === SpanKind.CONSUMER && !span.attributes['messaging.batch.message_count']);
}
