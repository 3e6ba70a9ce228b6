// Timers as they were when this was loaded: a test's fake clock must not stop the capture that looks at it.
import * as timers from 'node:timers';

const { setTimeout, clearTimeout, setImmediate } = timers;

/** @returns a function that takes the timer back. The timer holds the process: somebody awaits it. */
export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** Lets everything run that is due now, and what follows from it at once. */
export async function aTurn(): Promise<void> {
  for (let i = 0; i < 2; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
