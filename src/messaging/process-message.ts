// Owns the door for one message of SQS, or what Lambda is handed by SNS and EventBridge.
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { destinationOf, type Incoming } from './job-attributes.ts';
import { type MessageOrigin, originOf } from './message-origin.ts';
import { type QueueMessage, type SqsView, viewOf } from './message-view.ts';
import type { Handler, ProcessOptions } from './process-options.ts';
import { runHandler } from './run-handler.ts';
import { tracingIsOn } from './tracing-on.ts';

/**
 * Runs `handler` for one message of SQS, in a span of its own that continues the producer's trace, and hands back what it
 * hands back. What it throws is recorded and thrown on unchanged. Also without tracing, and before `initTracing()`.
 *
 * @param message of `ReceiveMessage` (see `receiveOptions`), a record of a Lambda event, or an event of EventBridge
 * @example
 * await processMessage(message, { name: 'campaign.sync_report', destination: queueUrl }, async ({ message }) => {
 *   await syncReport(message.json());
 * });
 */
export function processMessage<R>(message: QueueMessage, options: ProcessOptions, handler: Handler<R>): Promise<R> {
  const known = options ?? { name: '' };
  return runHandler(incomingFrom(message, known), known, handler);
}

/** Never throws, whatever the message is. */
export function incomingFrom(message: QueueMessage, options: ProcessOptions): Incoming {
  const view = viewOf(message);
  return {
    view,
    origin: safeOrigin(view, options),
    system: view.foreign ? undefined : (view.direct?.system ?? 'aws_sqs'),
    destination: destinationOf(options.destination) ?? view.arn,
    groupId: view.system('MessageGroupId'),
    numbered: view.system('SequenceNumber') !== undefined,
  };
}

const nowhere: MessageOrigin = { context: ROOT_CONTEXT, source: 'none', deliveredVia: 'sqs' };

function safeOrigin(view: SqsView, options: ProcessOptions): MessageOrigin {
  if (view.foreign) return { ...nowhere, deliveredVia: 'raw' };
  if (!tracingIsOn()) return nowhere;
  try {
    return originOf(view, options.awsTraceHeader);
  } catch {
    return nowhere;
  }
}
