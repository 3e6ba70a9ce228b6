// Owns reading a message: of the SQS client, of a record that Lambda hands over, which has the same in lower case, or what
// Lambda is handed by SNS or EventBridge without a queue in between.
import { carriers, type MessageAttributes } from './carriers.ts';
import { type DirectEvent, directEvent, soleRecord } from './direct-event.ts';
import { type Envelope, openEnvelope } from './envelope.ts';
import { platformHeader } from './platform-header.ts';

/**
 * A message as `ReceiveMessage` has it, a record of Lambda for SQS or SNS, an event with one such record, or an event of
 * EventBridge. Nothing but its shape is asked for.
 */
export interface QueueMessage {
  MessageId?: string | undefined;
  messageId?: string | undefined;
  Body?: string | undefined;
  body?: string | undefined;
  MessageAttributes?: object | undefined;
  messageAttributes?: object | undefined;
  Attributes?: object | undefined;
  attributes?: object | undefined;
  eventSource?: string | undefined;
  eventSourceARN?: string | undefined;
  /** Of SNS. */
  Sns?: object | undefined;
  Records?: readonly object[] | undefined;
  /** Of EventBridge. */
  'detail-type'?: string | undefined;
  detail?: unknown;
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
  readonly attributes: MessageAttributes | undefined;
  readonly arn: string | undefined;
  /** Set where no queue was in between. */
  readonly direct: DirectEvent | undefined;
  /** Lambda has it neither from a queue nor from one of those: a change of a table, an upload. */
  readonly foreign: boolean = false;
  readonly #body: string | undefined;
  readonly #system: Record<string, unknown> | undefined;
  #envelope: Envelope | undefined | null = null;

  /** Reads what it needs at once; a getter that throws costs what comes after it, and nothing else. */
  constructor(given: QueueMessage) {
    try {
      const message = soleRecord(given) as QueueMessage;
      this.#system = objectOf(message.Attributes ?? message.attributes);
      this.attributes = objectOf(message.MessageAttributes ?? message.messageAttributes);
      this.id = textOf(message.MessageId ?? message.messageId);
      this.#body = textOf(message.Body ?? message.body);
      this.arn = textOf(message.eventSourceARN);
      // Whatever has a body came out of a queue.
      this.direct = this.#body === undefined ? directEvent(message) : undefined;
      const source = textOf(message.eventSource);
      this.foreign = source !== undefined && source !== 'aws:sqs' && this.#body === undefined;
      if (this.direct === undefined) return;
      this.id = textOf(this.direct.id);
      this.arn = textOf(this.direct.topicArn);
      this.#envelope = this.direct.envelope;
    } catch {
      // Whatever was passed, the handler runs.
    }
  }

  get body(): string | undefined {
    return this.#body ?? this.direct?.body();
  }

  get attempt(): number | undefined {
    const count = Number(this.system('ApproximateReceiveCount') ?? Number.NaN);
    return Number.isSafeInteger(count) && count > 0 ? count : undefined;
  }

  get sentAt(): Date | undefined {
    const at = this.direct === undefined ? this.system('SentTimestamp') : Date.parse(String(this.direct.sentAt));
    const sent = Number(at ?? Number.NaN);
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

  /** A system attribute. Without a queue there is none but the header with which Lambda started the function. */
  system(name: string): string | undefined {
    try {
      if (this.direct !== undefined) return name === 'AWSTraceHeader' ? platformHeader() : undefined;
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
