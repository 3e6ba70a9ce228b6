// Flushes when the event loop has run dry, sends at `exit` what is left, and says what could not be sent. Changes neither
// code nor output.
import { within } from './deadline.ts';
import type { LifecycleOptions } from './signals.ts';

/** Milliseconds by which `process.exit()` or a crash may come later, when there is something to send. */
const LAST_CHANCE_MS = 500;

/** Works in worker threads too, where no signal ever arrives. */
export function watchNaturalEnd({
  flush,
  callOff,
  lastChance,
  stats,
  abandon,
  timeoutMs,
}: LifecycleOptions): () => void {
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
    if (queued > 0 && !tried) lastChance(Math.min(LAST_CHANCE_MS, timeoutMs));
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
