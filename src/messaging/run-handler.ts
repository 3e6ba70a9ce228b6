// Owns the life of an attempt at a message: run the handler in its span, and end that exactly once, also when the handler
// never settles. What the handler returns or throws is handed on as it is, with tracing on or off.
import { context } from '@opentelemetry/api';
import { failed, succeeded } from './attempt.ts';
import { FailedDependencies, withFailedDependencies } from './failed-dependency.ts';
import type { Incoming } from './job-attributes.ts';
import type { Handler, ProcessOptions } from './process-options.ts';
import { Scope } from './process-scope.ts';
import { openProcessSpan } from './process-span.ts';

/** SQS has no longer visibility timeout: what still runs then runs beside another attempt. */
const longestMs = 12 * 3_600_000;

/** A handler did not settle in time. It may go on; nobody listens to it any more. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

export function runHandler<R>(incoming: Incoming, options: ProcessOptions, handler: Handler<R>): Promise<R> {
  const { span, context: active, close } = openProcessSpan(incoming, options);
  const dependencies = new FailedDependencies(context.active());
  const scope = new Scope(span, incoming.view);
  let settled = false;
  const end = (how: () => void): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    how();
    dependencies.close();
    close();
    return true;
  };
  const fail = (error: unknown, type?: string): boolean =>
    end(() => {
      const { dependency } = scope;
      failed(
        span,
        error,
        { attempt: incoming.view.attempt, options, dependency, failedCalls: dependencies.names() },
        type,
      );
    });

  let giveUp = (_: TimeoutError) => {};
  const limitMs = limitOf(options.timeoutMs);
  const timer = setTimeout(() => {
    const error = new TimeoutError(`The handler did not settle within ${limitMs} ms`);
    if (!fail(error, 'timeout')) return;
    // What listens to the signal still works on the message.
    context.with(active, () => scope.abort(error));
    giveUp(error);
  }, limitMs);
  // A number where the tests of an app run in a simulated browser.
  timer.unref?.();

  return new Promise<R>((resolve, reject) => {
    giveUp = reject;
    const thrown = (error: unknown) => {
      fail(error);
      reject(error);
    };
    context
      .with(withFailedDependencies(active, dependencies), () => outcomeOf(() => handler(scope)))
      .then((value) => {
        end(() => succeeded(span));
        resolve(value);
      }, thrown);
  });
}

/** Waits within the span, too: the queries of some clients start when somebody calls their `then`. */
function outcomeOf<R>(run: () => R | PromiseLike<R>): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const result = run();
    if (typeof (result as PromiseLike<R> | undefined)?.then !== 'function') resolve(result);
    else (result as PromiseLike<R>).then(resolve, reject);
  });
}

function limitOf(timeoutMs: number | undefined): number {
  return typeof timeoutMs === 'number' && timeoutMs > 0 ? Math.min(timeoutMs, longestMs) : longestMs;
}
