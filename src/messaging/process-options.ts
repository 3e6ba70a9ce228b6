// Owns what can be said about the processing of a message, and what its handler gets.
import type { Attributes, Span } from '@opentelemetry/api';
import type { MessageView } from './message-view.ts';

export interface ProcessOptions {
  /** Name of the span: what is done, `campaign.sync_report`, and never with an id in it. Also `job.type`. */
  name: string | ((message: MessageView) => string);
  /** Name, URL or ARN of the queue or topic. Records of Lambda bring theirs along. */
  destination?: string | undefined;
  /** `tenant.id` */
  tenant?: string | ((message: MessageView) => string | undefined) | undefined;
  /** `job.idempotency_key` */
  idempotencyKey?: string | ((message: MessageView) => string | undefined) | undefined;
  /** Whatever else is known at the start. */
  attributes?: Attributes | ((message: MessageView) => Attributes) | undefined;
  /**
   * `parent` (the default): the span continues the producer's trace. `link`: it begins one of its own, with a link to it,
   * as suits queues whose messages wait for hours.
   */
  relationship?: 'parent' | 'link' | undefined;
  /**
   * What a trace header of AWS that keeptrace has not written is, when no attribute carries a context. `auto` (the default):
   * a parent only where it can be nobody else's. `parent`: where others send who trace with that header. `link`: never a
   * parent, not even that of keeptrace.
   */
  awsTraceHeader?: 'auto' | 'parent' | 'link' | undefined;
  /** `maxReceiveCount` of the redrive policy. With it, the span of the last attempt says that it was the last. */
  maxReceiveCount?: number | undefined;
  /**
   * Milliseconds after which a handler that has not settled is given up: the span ends as failed, `signal` is aborted and
   * the promise rejects with a `TimeoutError`. Best is the queue's visibility timeout, less a second. Default: 12 hours,
   * the longest that SQS keeps a message invisible.
   */
  timeoutMs?: number | undefined;
  /** Names what an error is due to, where the failed calls of the handler do not tell, or tell something else. */
  classifyError?:
    | ((error: unknown) => { dependency?: string | undefined; type?: string | undefined } | undefined)
    | undefined;
}

export interface ProcessScope {
  span: Span;
  message: MessageView;
  /** Aborted when the handler is given up. */
  readonly signal: AbortSignal;
  /** Says which dependency failed, in place of what the failed calls tell. Counts when the handler fails. */
  dependencyFailed(name: string): void;
  /** Says whether this message had been processed before. */
  idempotent(outcome: 'first' | 'replay' | 'conflict'): void;
}

export type Handler<R> = (scope: ProcessScope) => R | PromiseLike<R>;
