// Owns reading a message: of the SQS client, or of a record that Lambda hands over, which has the same in lower case.
import { carriers, type MessageAttributes } from './carriers.ts';
import { type Envelope, openEnvelope } from './envelope.ts';

/** A message as `ReceiveMessage` or a Lambda event has it. Nothing but its shape is asked for. */
export interface QueueMessage {
  MessageId?: string | undefined;
  messageId?: string | undefined;
  Body?: string | undefined;
  body?: string | undefined;
  MessageAttributes?: object | undefined;
  messageAttributes?: object | undefined;
  Attributes?: object | undefined;
  attributes?: object | undefined;
  eventSourceARN?: string | undefined;
}

/** The message as the handler and the functions among the options get it. */
export interface MessageView {
  readonly id: string | undefined;
  /** As it was received, envelope and all. */
  readonly body: string | undefined;
  /** 1 for the first delivery. Undefined unless the receive count was asked for, see `receiveOptions`. */
  readonly attempt: number | undefined;
  readonly sentAt: Date | undefined;
  /** Name of the queue this was a dead letter of. */
  readonly deadLetterSource: string | undefined;
  /** A message attribute, or one in the envelope of SNS, or a header; whatever the case of its name. */
  attribute(name: string): string | undefined;
  /** The body without the envelope of SNS or EventBridge. */
  payload(): string | undefined;
  /** The payload, parsed. Throws as `JSON.parse` does. */
  json<T = unknown>(): T;
}

export class SqsView implements MessageView {
  readonly id: string | undefined;
  readonly body: string | undefined;
  readonly attributes: MessageAttributes | undefined;
  readonly arn: string | undefined;
  readonly #system: Record<string, unknown> | undefined;
  #envelope: Envelope | undefined | null = null;

  /** Reads what it needs at once; a getter that throws costs what comes after it, and nothing else. */
  constructor(message: QueueMessage) {
    try {
      this.#system = objectOf(message.Attributes ?? message.attributes);
      this.attributes = objectOf(message.MessageAttributes ?? message.messageAttributes);
      this.id = textOf(message.MessageId ?? message.messageId);
      this.body = textOf(message.Body ?? message.body);
      this.arn = textOf(message.eventSourceARN);
    } catch {
      // Whatever was passed, the handler runs.
    }
  }

  get attempt(): number | undefined {
    const count = Number(this.system('ApproximateReceiveCount') ?? Number.NaN);
    return Number.isSafeInteger(count) && count > 0 ? count : undefined;
  }

  get sentAt(): Date | undefined {
    const sent = Number(this.system('SentTimestamp') ?? Number.NaN);
    return sent > 0 && sent < 8e15 ? new Date(sent) : undefined;
  }

  get deadLetterSource(): string | undefined {
    return this.system('DeadLetterQueueSourceArn')?.split(':').pop();
  }

  /** Opened when it is first asked for. */
  get envelope(): Envelope | undefined {
    if (this.#envelope === null) this.#envelope = this.body === undefined ? undefined : openEnvelope(this.body);
    return this.#envelope;
  }

  system(name: string): string | undefined {
    try {
      return textOf(this.#system?.[name]);
    } catch {
      return undefined;
    }
  }

  attribute(name: string): string | undefined {
    try {
      const own = carriers.sqs.get(this.attributes, name);
      return own ?? carriers.sns.get(this.envelope?.attributes as MessageAttributes | undefined, name);
    } catch {
      return undefined;
    }
  }

  payload(): string | undefined {
    if (this.envelope === undefined) return this.body;
    const { payload } = this.envelope;
    return typeof payload === 'string' ? payload : JSON.stringify(payload);
  }

  json<T = unknown>(): T {
    const payload = this.envelope?.payload;
    if (payload !== undefined && typeof payload !== 'string') return payload as T;
    return JSON.parse(payload ?? this.body ?? '') as T;
  }
}

/** What is no message at all has no fields either. */
export function viewOf(message: QueueMessage): SqsView {
  return new SqsView(typeof message === 'object' && message !== null ? message : {});
}

function objectOf<T extends object>(value: unknown): T | undefined {
  return typeof value === 'object' && value !== null ? (value as T) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
