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
  /** Baggage to send with messages: none (the default), all, or the entries of these names. */
  baggage?: BaggageChoice;
  /** A span for each message of a batch. Default true; with false they all carry the span of the request. */
  messageSpans?: boolean;
}

/** What comes of a call before it goes out. */
export interface Prepared {
  /** What replaces fields of the input; copies, so that nothing is written into what the caller passed. */
  fields: Record<string, unknown>;
  carrier?: ContextCarrier;
  /** Told the answer, or the type of the error. */
  settle?(output: unknown, error?: string): void;
}

/** @param ambient what was active where the call was made */
export type Prepare = (call: AwsCall, span: Span, ambient: Context, options: SendOptions) => Prepared;
