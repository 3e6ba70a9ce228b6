// Owns dead letters: what a message tells of its failure, and what an app writes onto one that it gives up by itself.
import { trace } from '@opentelemetry/api';
import { carriers, define, type MessageAttribute, type MessageAttributes, mostAttributes } from './carriers.ts';
import { hasCreatedContext, injectHeaders } from './headers.ts';
import { type QueueMessage, type SqsView, viewOf } from './message-view.ts';
import { attribute } from './names.ts';
import { incomingFrom } from './process-message.ts';
import type { ProcessOptions, ProcessScope } from './process-options.ts';
import { runHandler } from './run-handler.ts';
import { toXRayHeader } from './xray-header.ts';

/** Why a message is a dead letter, as far as it tells. A redrive by the broker tells the source only. */
export interface DeadLetterReason {
  sourceQueue?: string | undefined;
  /** How often its processing failed. */
  attempts?: number | undefined;
  dependency?: string | undefined;
  error?: string | undefined;
}

/** What `deadLetterEntry` writes, and what the poison queue of Watermill does. */
const keys = {
  sourceQueue: ['dlq_source', 'topic_poisoned'],
  attempts: ['dlq_attempts'],
  dependency: ['dlq_dependency'],
  error: ['dlq_error', 'reason_poisoned'],
} as const;

export type DeadLetterHandler<R> = (scope: ProcessScope & { reason: DeadLetterReason }) => R | PromiseLike<R>;

/**
 * `processMessage` for a dead-letter queue. The span is in the trace in which the message failed, and says where it was
 * given up, after how many attempts and of what, as far as that is known.
 *
 * @param options with `maxReceiveCount` of the queue the message comes from, the number of attempts is known
 */
export function processDeadLetter<R>(
  message: QueueMessage,
  options: ProcessOptions,
  handler: DeadLetterHandler<R>,
): Promise<R> {
  const known = options ?? { name: '' };
  const incoming = incomingFrom(message, known);
  const reason = reasonOf(viewOf(message), known.maxReceiveCount);
  const { sourceQueue, attempts, dependency, error } = reason;
  const story = {
    ...(sourceQueue !== undefined && { [attribute.deadLetterSource]: sourceQueue }),
    ...(attempts !== undefined && { [attribute.failureCount]: attempts }),
    ...(dependency !== undefined && { [attribute.failedDependency]: dependency }),
    ...(error !== undefined && { [attribute.deadLetterReason]: error }),
  };
  // The count goes on in the dead-letter queue, where it says nothing of a last attempt.
  const { maxReceiveCount: _, ...here } = known;
  return runHandler({ ...incoming, more: story }, here, (scope) => handler(Object.assign(scope, { reason })));
}

function reasonOf(view: SqsView, maxReceiveCount: number | undefined): DeadLetterReason {
  const told = (names: readonly string[]) => {
    for (const name of names) {
      const value = view.attribute(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const attempts = Number(told(keys.attempts) ?? maxReceiveCount ?? Number.NaN);
  return {
    sourceQueue: view.deadLetterSource ?? told(keys.sourceQueue),
    attempts: Number.isSafeInteger(attempts) && attempts > 0 ? attempts : undefined,
    dependency: told(keys.dependency),
    error: told(keys.error),
  };
}

/** As the commands of the SDK want them. */
type SentAttribute = MessageAttribute & { DataType: string };
type SentAttributes = Record<string, SentAttribute>;

export interface DeadLetterEntry {
  MessageBody: string;
  MessageAttributes: SentAttributes;
  /** Where ten attributes leave the context no other place. */
  MessageSystemAttributes?: { AWSTraceHeader: SentAttribute };
}

/**
 * What to send into a dead-letter queue for a message that the app gives up by itself: body, attributes and context of the
 * message, and the reason in `dlq_source`, `dlq_attempts`, `dlq_dependency` and `dlq_error`, as far as there is room.
 *
 * @example
 * await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, ...deadLetterEntry(message, { dependency: 'bank' }) }));
 */
export function deadLetterEntry(message: QueueMessage, reason: DeadLetterReason = {}): DeadLetterEntry {
  const view = viewOf(message);
  const attributes = copyOf(view.attributes ?? (view.direct?.envelope.attributes as MessageAttributes | undefined));
  const { attempts = view.attempt, dependency, error, sourceQueue = view.arn?.split(':').pop() } = reason;
  // The last slot is for the context.
  const slots = mostAttributes - (attributes.traceparent === undefined ? 1 : 0);
  const entries = { dlq_dependency: dependency, dlq_error: error, dlq_attempts: attempts, dlq_source: sourceQueue };
  for (const [key, value] of Object.entries(entries)) {
    const text = value === undefined ? '' : String(value).slice(0, 500);
    if (text === '' || Object.keys(attributes).length >= slots) continue;
    carriers.sqs.set(attributes, key, text);
  }
  return { MessageBody: view.body ?? '', MessageAttributes: attributes, ...keptContext(message, attributes) };
}

/**
 * Within the message's trace, as in its handler, the entry gets the context of whatever sends it. Elsewhere it keeps that of
 * the message, wherever the message had it, so that a dead letter is in the trace in which it failed.
 */
function keptContext(
  message: QueueMessage,
  attributes: SentAttributes,
): Pick<DeadLetterEntry, 'MessageSystemAttributes'> {
  const { context } = incomingFrom(message, { name: '' }).origin;
  const from = trace.getSpanContext(context);
  if (from === undefined || from.traceId === trace.getActiveSpan()?.spanContext().traceId) return {};
  if (hasCreatedContext(injectHeaders(carriers.sqs, attributes, { context, baggage: false }))) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: toXRayHeader(from) } } };
}

/** In the form in which they are sent; records of Lambda have them in another case and bytes in base64. */
function copyOf(attributes: MessageAttributes | undefined): SentAttributes {
  const copy: SentAttributes = {};
  for (const [name, given] of Object.entries(attributes ?? {})) {
    const value = (given ?? {}) as Record<string, unknown>;
    const type = String(value.DataType ?? value.dataType ?? value.Type ?? 'String');
    const base64 = value.binaryValue ?? (type === 'Binary' ? value.Value : undefined);
    const text = value.StringValue ?? value.stringValue ?? (type === 'Binary' ? undefined : value.Value);
    const bytes = value.BinaryValue ?? (typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined);
    if (typeof text === 'string') define(copy, name, { DataType: type, StringValue: text });
    else if (bytes instanceof Uint8Array) define(copy, name, { DataType: type, BinaryValue: bytes });
  }
  return copy;
}
