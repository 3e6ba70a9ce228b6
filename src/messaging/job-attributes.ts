// Owns what a span of processing says from its start on, which is when samplers and rules look at it.
import type { Attributes } from '@opentelemetry/api';
import { ask } from './ask.ts';
import type { ContextSource, MessageOrigin } from './message-origin.ts';
import type { MessageView } from './message-view.ts';
import { attribute, systemAttributes } from './names.ts';
import type { ProcessOptions } from './process-options.ts';

/** A message whose place in the world has been found out, of whatever broker. */
export interface Incoming {
  view: MessageView;
  origin: Omit<MessageOrigin, 'source'> & { source: ContextSource };
  /** As the older key has it: `aws_sqs`, `kafka`. */
  system: string | undefined;
  destination: string | undefined;
  groupId?: string | undefined;
  /** It has a number, as messages of FIFO queues have. */
  numbered?: boolean;
  /** What else is known of it. */
  more?: Attributes;
}

/** @param name of the span */
export function startAttributes(incoming: Incoming, options: ProcessOptions, name: string): Attributes {
  const { view, origin } = incoming;
  const attributes: Attributes = {
    [attribute.operationName]: 'process',
    [attribute.operationType]: 'process',
    [attribute.contextSource]: origin.source,
    [attribute.jobType]: name,
  };
  if (incoming.system !== undefined) Object.assign(attributes, systemAttributes(incoming.system));
  const set = (key: string, value: Attributes[string]) => {
    if (value !== undefined && value !== '') attributes[key] = value;
  };
  if (origin.deliveredVia !== 'raw') set(attribute.deliveredVia, origin.deliveredVia);
  set(attribute.destination, nameOf(incoming.destination));
  if (incoming.destination?.includes('://')) set(attribute.queueUrl, incoming.destination);
  set(attribute.messageId, view.id);
  set(attribute.groupId, incoming.groupId);
  set(attribute.jobAttempt, view.attempt);
  if (incoming.system === 'aws_sqs') set(attribute.receiveCount, view.attempt);
  set(attribute.jobMaxAttempts, options.maxReceiveCount);
  if (view.sentAt !== undefined) set(attribute.queueTime, Math.max(0, Date.now() - view.sentAt.getTime()));
  set(attribute.deadLetterSource, view.deadLetterSource);
  set(attribute.tenant, given(options.tenant, view));
  set(attribute.idempotencyKey, given(options.idempotencyKey, view));
  return Object.assign(attributes, incoming.more, given(options.attributes, view));
}

export function spanName(incoming: Incoming, options: ProcessOptions): string {
  const name = given(options.name, incoming.view);
  return typeof name === 'string' && name !== '' ? name : `process ${nameOf(incoming.destination) ?? 'message'}`;
}

/** What an option says of this message. */
function given<T>(option: T | ((message: MessageView) => T) | undefined, view: MessageView): T | undefined {
  return typeof option === 'function' ? ask(option as (message: MessageView) => T, view) : option;
}

/** What is no text, as JavaScript may pass it, is an address or nothing. */
export function destinationOf(said: unknown): string | undefined {
  if (said instanceof URL) return said.href;
  return typeof said === 'string' ? said : undefined;
}

/** `http://…/123456789012/jobs` and `arn:aws:sqs:…:123456789012:jobs` are both `jobs`. */
export function nameOf(destination: string | undefined): string | undefined {
  if (destination?.startsWith('arn:')) return destination.slice(destination.lastIndexOf(':') + 1);
  if (destination?.includes('://')) return destination.slice(destination.lastIndexOf('/') + 1);
  return destination;
}
