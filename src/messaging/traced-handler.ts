// Owns the door for whoever calls a function per message: sqs-consumer, Powertools, middy, the decorators of Nest.
import type { QueueMessage } from './message-view.ts';
import { processMessage } from './process-message.ts';
import type { ProcessOptions, ProcessScope } from './process-options.ts';

/** A handler that is given the message as it is, the scope, and what else it was called with, as the context of Lambda. */
export type MessageHandler<M, R, Rest extends unknown[] = []> = (
  message: M,
  scope: ProcessScope,
  ...rest: Rest
) => R | PromiseLike<R>;

/**
 * `handler`, with a span around each of its calls. Takes what the caller passes and returns what the handler returns, so
 * that acknowledgements stay what they were.
 *
 * @example
 * Consumer.create({ queueUrl, handleMessage: tracedHandler({ name: 'order.ship' }, (message) => ship(message)) });
 */
export function tracedHandler<M extends QueueMessage, R, Rest extends unknown[] = []>(
  options: ProcessOptions,
  handler: MessageHandler<M, R, Rest>,
): (message: M, ...rest: Rest) => Promise<R> {
  return function (this: unknown, message: M, ...rest: Rest) {
    return processMessage(message, options, (scope) => handler.call(this, message, scope, ...rest));
  };
}
