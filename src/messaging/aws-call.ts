// Owns the words between those who see an AWS call (the instrumentation's hooks, our own middleware) and what is sent.
import type { Context, Span } from '@opentelemetry/api';
import type { BaggageChoice } from './headers.ts';
import type { ContextCarrier } from './message-context.ts';

export interface AwsCall {
  /** `SQS` */
  service: string;
  /** `SendMessage` */
  command: string;
  input: Readonly<Record<string, unknown>>;
}

export interface SendOptions {
  /**
   * Baggage to send with messages, up to 1,024 bytes: all, or the entries of these names; `tenant:orders*` goes to destinations
   * of such a name only. Default: the setting `messageBaggage`, which is none unless set.
   */
  baggage?: BaggageChoice | undefined;
  /** A span for each message of a batch; without, they all carry the span of the request. Default: the setting `messageSpans`. */
  messageSpans?: boolean | undefined;
}

/** With every option decided. */
export type SendChoice = { [Name in keyof SendOptions]-?: NonNullable<SendOptions[Name]> };

/** What comes of a call before it goes out. */
export interface Prepared {
  /** What replaces fields of the input; copies, so that nothing is written into what the caller passed. */
  fields: Record<string, unknown>;
  carrier?: ContextCarrier;
  /** Told the answer, or the type of the error. */
  settle?(output: unknown, error?: string): void;
}

/** @param ambient what was active where the call was made */
export type Prepare = (call: AwsCall, span: Span, ambient: Context, options: SendChoice) => Prepared;
