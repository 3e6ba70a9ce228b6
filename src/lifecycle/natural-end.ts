// Flushes when the event loop has run dry, sends at `exit` what is left, and says what could not be sent. Changes neither
// code nor output.
import { within } from './deadline.ts';
import type { LifecycleOptions } from './signals.ts';

/** Works in worker threads too, where no signal ever arrives. */
export function watchNaturalEnd(options: LifecycleOptions): () => void {
  const { flush, callOff, lastChance, stats, abandon, timeoutMs, exitTimeoutMs } = options;
  let flushing = false;
  /** `ended` at the last attempt: what that one could not send, another would not either. */
  let attemptedAt = -1;
  let crashing = false;

  const onBeforeExit = (): void => {
    const { ended, queued } = stats();
    if (flushing || queued === 0 || ended === attemptedAt) return;
    flushing = true;
    attemptedAt = ended;
    void within(timeoutMs, flush(timeoutMs)).then(() => {
      flushing = false;
      callOff();
    });
  };
  const onExit = (): void => {
    const { ended, queued } = stats();
    // What a flush has tried already was not taken.
    const tried = ended === attemptedAt && !flushing;
    if (queued > 0 && !tried) lastChance(exitTimeoutMs);
    abandon(crashing ? 'crash' : ended === attemptedAt ? 'shutdown_deadline' : 'process_exit');
  };
  // A monitor only looks on. What is to be sent is sent at `exit`, which comes after it and before Node prints the stack.
  const onCrash = (): void => {
    crashing = true;
    // The app may have a handler that survives it.
    setImmediate(() => {
      crashing = false;
    }).unref();
  };

  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  process.on('uncaughtExceptionMonitor', onCrash);
  return () => {
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
    process.off('uncaughtExceptionMonitor', onCrash);
  };
}
