// Owns what a function of Lambda is handed that came through no queue: the record of a notification, an event of EventBridge.
import { type Envelope, envelopeOf, isEvent, isNotification } from './envelope.ts';

export interface DirectEvent {
  /** `messaging.system` */
  system: 'aws.sns' | 'aws.eventbridge';
  id: unknown;
  /** As ISO 8601. */
  sentAt: unknown;
  topicArn?: unknown;
  /** What it is wrapped in, as in a body of SQS. */
  envelope: Envelope;
  body(): string | undefined;
}

export function directEvent(message: object): DirectEvent | undefined {
  const { Sns: notification } = message as { Sns?: unknown };
  if (isNotification(notification)) {
    const { MessageId: id, Timestamp: sentAt, TopicArn: topicArn, Message } = notification;
    return { system: 'aws.sns', id, sentAt, topicArn, envelope: envelopeOf(notification), body: () => Message };
  }
  if (!isEvent(message)) return undefined;
  const { id, time, source, detail } = message;
  // What comes from AWS itself, a schedule say, is in nobody's trace; the header beside it is that of the function's start.
  const attributesLost = !String(source).startsWith('aws.');
  const envelope: Envelope = { via: 'eventbridge', payload: detail, attributesLost };
  return { system: 'aws.eventbridge', id, sentAt: time, envelope, body: () => JSON.stringify(message) };
}

/** An event with a single record is that record, which is how Lambda passes every notification. */
export function soleRecord(message: object): object {
  const { Records } = message as { Records?: unknown };
  if (!Array.isArray(Records) || Records.length !== 1) return message;
  return typeof Records[0] === 'object' && Records[0] !== null ? Records[0] : message;
}
