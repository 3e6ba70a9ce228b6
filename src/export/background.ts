// Runs export work outside every request: untraced, and without keeping the app's async-local stores alive.
import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

export type Background = <T>(run: () => T) => T;

/**
 * Remembers the async context of the caller, which is that of start-up. Without it the first request to fill a batch
 * would have its stores captured by our timers and keep-alive sockets for as long as those live.
 */
export function createBackground(): Background {
  const atStart = AsyncLocalStorage.snapshot();
  const untraced = suppressTracing(ROOT_CONTEXT);
  return (run) => atStart(() => context.with(untraced, run));
}
