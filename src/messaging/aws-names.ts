// Owns the names of AWS message calls, as messaging conventions 1.45 have them: `send jobs`, `receive jobs`.
import type { Attributes } from '@opentelemetry/api';

type Input = Readonly<Record<string, unknown>>;
type Operation = 'send' | 'receive' | 'settle';

export interface MessageCall {
  /** Undefined for a call that is about the queue, not about messages. */
  operation: Operation | undefined;
  /** `messaging.system` and so on: what is true of every span that has to do with this destination. */
  destination: Attributes;
  /** `send jobs` */
  name: string | undefined;
  batch: boolean;
}

const systems: Record<string, [older: string, current: string]> = {
  SQS: ['aws_sqs', 'aws.sqs'],
  SNS: ['aws.sns', 'aws.sns'],
  EventBridge: ['aws.eventbridge', 'aws.eventbridge'],
};

const operations: Record<string, Operation> = {
  SendMessage: 'send',
  SendMessageBatch: 'send',
  Publish: 'send',
  PublishBatch: 'send',
  PutEvents: 'send',
  ReceiveMessage: 'receive',
  DeleteMessage: 'settle',
  DeleteMessageBatch: 'settle',
  ChangeMessageVisibility: 'settle',
  ChangeMessageVisibilityBatch: 'settle',
};

/** What the conventions say of a call; undefined for a service that has no messages. */
export function messageCall(service: string, command: string, input: Input): MessageCall | undefined {
  const system = systems[service];
  if (system === undefined) return undefined;
  const operation = Object.hasOwn(operations, command) ? operations[command] : undefined;
  const to = destinationOf(service, input);
  const destination: Attributes = { 'messaging.system': system[0], 'messaging.system.name': system[1] };
  if (to !== undefined) destination['messaging.destination.name'] = to;
  if (service === 'SQS' && typeof input.QueueUrl === 'string') destination['aws.sqs.queue.url'] = input.QueueUrl;
  if (service === 'SNS' && typeof input.TopicArn === 'string') destination['aws.sns.topic.arn'] = input.TopicArn;
  const named = operation === 'send' || operation === 'receive';
  return {
    operation,
    destination,
    name: !named ? undefined : to === undefined ? operation : `${operation} ${to}`,
    batch: command.endsWith('Batch') || command === 'PutEvents',
  };
}

/** The last part of a URL or ARN. A phone number is nobody's destination to read, nor is which device of an app it is. */
function destinationOf(service: string, input: Input): string | undefined {
  if (service === 'SQS') return lastOf(input.QueueUrl, '/');
  if (service === 'SNS')
    return lastOf(input.TopicArn ?? input.TargetArn, ':')?.replace(/^(endpoint(?:\/[^/]+){2})\/.*/, '$1');
  const entries = Array.isArray(input.Entries) ? (input.Entries as Input[]) : [];
  const buses = new Set(entries.map((entry) => lastOf(entry?.EventBusName, '/') ?? 'default'));
  return buses.size === 1 ? [...buses][0] : undefined;
}

function lastOf(text: unknown, separator: string): string | undefined {
  if (typeof text !== 'string') return undefined;
  const last = text.slice(text.lastIndexOf(separator) + 1);
  return last === '' ? undefined : last;
}
