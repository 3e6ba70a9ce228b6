// Flushes when the event loop has run dry, sends at `exit` what is left, and says what could not be sent. Changes neither
// code nor output.
import { isMainThread } from 'node:worker_threads';
import { within } from './deadline.ts';
import { ticksAreFaked } from './faked-ticks.ts';
import type { LifecycleOptions } from './signals.ts';
import { whenHandlersThrow } from './throwing-handler.ts';

const { setImmediate } = globalThis;

/** Works in worker threads too, where no signal ever arrives. */
export function watchNaturalEnd(options: LifecycleOptions): () => void {
  const { flush, callOff, lastChance, stats, abandon, timeoutMs, exitTimeoutMs } = options;
  let flushing = false;
  /** `ended` at the last attempt: what that one could not send, another would not either. */
  let attemptedAt = -1;
  let crashing = false;
  let exitMsLeft = exitTimeoutMs;
  let lookedForSignal = false;

  const onBeforeExit = (): void => {
    beLast();
    lookForSignal();
    const { ended, queued } = stats();
    if (flushing || queued === 0 || ended === attemptedAt) return;
    // Then `exit` does it.
    if (ticksAreFaked()) return;
    flushing = true;
    attemptedAt = ended;
    void within(timeoutMs, flush(timeoutMs)).then(() => {
      flushing = false;
      callOff();
    });
  };
  // A signal that the process sent itself last of all would have ended it at once. Listened to, it waits for a turn of the
  // loop. Not where somebody else would hear `beforeExit` once more for it.
  function lookForSignal(): void {
    lookedForSignal = isMainThread && !lookedForSignal && process.listenerCount('beforeExit') === 1;
    if (lookedForSignal) setImmediate(() => {});
  }
  function sendOrGiveUp(): void {
    const { ended, queued } = stats();
    const startedAt = performance.now();
    // What a flush has tried already was not taken.
    const tried = ended === attemptedAt && !flushing;
    if (queued > 0 && !tried) lastChance(exitMsLeft);
    exitMsLeft -= performance.now() - startedAt;
    abandon(crashing ? 'crash' : ended === attemptedAt ? 'shutdown_deadline' : 'process_exit');
  }
  // First in line, for a listener of the app may throw or exit again; then none of the others is called.
  const onExit = (): void => {
    sendOrGiveUp();
    if (process.listeners('exit').at(-1) !== onLast) beforeLeaving(onLast);
  };
  // And last in line, for what the app's own listeners have ended: a command line tool ends its root span there.
  const onLast = (): void => sendOrGiveUp();
  function beLast(): void {
    process.off('exit', onLast);
    process.on('exit', onLast);
  }
  // A monitor only looks on. What is to be sent is sent at `exit`, which comes after it and before Node prints the stack.
  const onCrash = (): void => {
    crashing = true;
    beLast();
    const unwatch = whenHandlersThrow(sendOrGiveUp);
    // The app may have a handler that survives it.
    setImmediate(() => {
      crashing = false;
      unwatch();
    }).unref();
  };

  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  process.on('exit', onLast);
  process.on('uncaughtExceptionMonitor', onCrash);
  return () => {
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
    process.off('exit', onLast);
    process.off('uncaughtExceptionMonitor', onCrash);
  };
}

/** Runs `run` when `process.exit()` has called all listeners: while they are called, none can be added. */
function beforeLeaving(run: () => void): void {
  const leaving = process as unknown as { reallyExit(code?: number): never };
  const { reallyExit } = leaving;
  leaving.reallyExit = (code) => {
    leaving.reallyExit = reallyExit;
    try {
      run();
    } catch {
      // The process was told to end, and does.
    }
    return reallyExit.call(process, code);
  };
}
