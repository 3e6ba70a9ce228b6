// Owns what has to be asked for when messages are received, since SQS hands out no attribute that was not asked for.

/** The system attributes that tell of attempts, waiting, order, dead letters and context. */
const system = [
  'ApproximateReceiveCount',
  'SentTimestamp',
  'MessageGroupId',
  'SequenceNumber',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
] as const;
type SystemAttribute = (typeof system)[number];

/**
 * For `ReceiveMessageCommand`: `{ QueueUrl, ...receiveOptions() }`. sqs-consumer takes both in lower camel case. All message
 * attributes are asked for, because which of them carry context depends on the propagators.
 */
export function receiveOptions(): { MessageAttributeNames: string[]; MessageSystemAttributeNames: SystemAttribute[] } {
  return { MessageAttributeNames: ['All'], MessageSystemAttributeNames: [...system] };
}
