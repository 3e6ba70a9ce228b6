// The transparency rule: on a signal the process ends exactly as it would without us, at most `timeoutMs` later.
// Whoever else listens is in charge, then spans are only sent; if nobody does, we send and raise the same signal again.
import { isMainThread } from 'node:worker_threads';
import { within } from './deadline.ts';
import { ticksAreFaked } from './faked-ticks.ts';
import { watchNaturalEnd } from './natural-end.ts';
import { standAsideForSignalExit } from './signal-exit-library.ts';

export interface LifecycleOptions {
  /** Sends what ended so far, holding the process at most so long. */
  flush(timeoutMs: number): Promise<unknown>;
  /** The same, and no more after it. */
  shutdown(timeoutMs: number): Promise<unknown>;
  /** Starts sending what waits, without holding the process. */
  kick(): void;
  /** Ends what would still hold the process after a flush that did not make it. */
  callOff(): void;
  /** Sends what waits from another thread while this one stands still, at most so long. */
  lastChance(deadlineMs: number): void;
  /** Gives up what waits, and says so. Synchronous: the process is about to end. */
  abandon(reason: 'process_exit' | 'crash' | 'shutdown_deadline'): unknown;
  stats(): { ended: number; queued: number };
  /** `KEEPTRACE_SHUTDOWN_TIMEOUT_MS`. */
  timeoutMs: number;
  /** `KEEPTRACE_EXIT_TIMEOUT_MS`. */
  exitTimeoutMs: number;
}

const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** Bound when loaded: that an app replaces it, or a test of its own, does not concern how the process ends. */
const kill = process.kill.bind(process);

/** While the app drains after a signal, spans that end are sent at this pace instead of waiting for a full batch. */
const DRAIN_MS = 100;
/** A handler that does not end the process (reload on SIGHUP) must not leave us in that pace. */
const DRAIN_FOR_MS = 30_000;

/** Hooks the ends of this thread. Returns a function that removes every listener. */
export function attachLifecycle(options: LifecycleOptions): () => void {
  const detachNaturalEnd = watchNaturalEnd(options);
  // Signals reach the main thread only.
  const detachSignals = isMainThread ? watchSignals(options) : () => {};
  return () => {
    detachNaturalEnd();
    detachSignals();
  };
}

function watchSignals(options: LifecycleOptions): () => void {
  const { flush, shutdown, kick, lastChance, abandon, timeoutMs, exitTimeoutMs } = options;
  const ours = new Map<NodeJS.Signals, () => void>();
  /** Signals of which a foreign listener was removed in this very turn. */
  const justRemoved = new Set<NodeJS.Signals>();
  let ending = false;
  let detached = false;

  function onSignal(signal: NodeJS.Signals): void {
    standAsideForSignalExit();
    if (ending) raise(signal);
    // The kernel ignores signals that process 1 of a container does not handle, so nothing ends there.
    else if (othersListen(signal) || process.pid === 1) drain();
    else endBy(signal);
  }

  function endBy(signal: NodeJS.Signals): void {
    ending = true;
    if (ticksAreFaked()) {
      lastChance(exitTimeoutMs);
      raise(signal);
      return;
    }
    const startedAt = performance.now();
    const leave = async () => {
      await flush(timeoutMs);
      // What ended while that was under way.
      await shutdown(Math.max(0, timeoutMs - (performance.now() - startedAt)));
    };
    void within(timeoutMs, leave()).then(() => raise(signal));
  }

  function othersListen(signal: NodeJS.Signals): boolean {
    return justRemoved.has(signal) || process.listeners(signal).some((listener) => listener !== ours.get(signal));
  }

  function raise(signal: NodeJS.Signals): void {
    abandon('shutdown_deadline');
    detach();
    kill(process.pid, signal);
  }

  function drain(): void {
    kick();
    const until = performance.now() + DRAIN_FOR_MS;
    const timer = setInterval(() => {
      if (performance.now() > until) clearInterval(timer);
      else kick();
    }, DRAIN_MS);
    timer.unref();
  }

  // A `once` listener that the app prepended is gone by the time we run. Microtasks run after the last listener.
  const onRemove = (event: string | symbol, listener: unknown): void => {
    const signal = event as NodeJS.Signals;
    if (detached || !ours.has(signal)) return;
    if (listener === ours.get(signal)) queueMicrotask(() => listen(signal));
    else {
      justRemoved.add(signal);
      queueMicrotask(() => justRemoved.delete(signal));
    }
  };

  // First in line: an app's `once` listener has removed itself by the time a later one runs, and would go unseen.
  function listen(signal: NodeJS.Signals): void {
    if (!detached) process.prependListener(signal, ours.get(signal)!);
  }

  function detach(): void {
    detached = true;
    process.off('removeListener', onRemove);
    for (const [signal, listener] of ours) process.off(signal, listener);
  }

  process.on('removeListener', onRemove);
  for (const signal of SIGNALS) {
    ours.set(signal, () => onSignal(signal));
    listen(signal);
  }
  return detach;
}
