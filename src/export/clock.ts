// Time for the export path, captured when loaded: an app's fake timers freeze neither the back-off nor the exit.
import { performance } from 'node:perf_hooks';

const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = globalThis;
const monotonicNow = performance.now.bind(performance);

/** Monotonic milliseconds: a stepped wall clock must not stretch a back-off. */
export const now = (): number => monotonicNow();

const { nextTick } = process;

/** Fake timers of the app have taken `process.nextTick` along: no socket of this thread does anything then. */
export const ticksAreFaked = (): boolean => process.nextTick !== nextTick;

export type Cancel = () => void;

/** Calls `run` once after `ms` unless cancelled. Never holds the process. */
export function later(ms: number, run: () => void): Cancel {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Calls `run` every `ms` until cancelled. Never holds the process. */
export function every(ms: number, run: () => void): Cancel {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** Like `later`, but holds the process: only for someone who waits for a flush, who would otherwise exit first. */
export function laterHolding(ms: number, run: () => void): Cancel {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Calls `run` once, after the current tick's work. Never holds the process. */
export function soon(run: () => void): Cancel {
  const immediate = setImmediate(run);
  immediate.unref();
  // An idle loop does not look at it before something else wakes it: a request's keep-alive after 6 s, or nothing at all.
  const wake = setTimeout(nothing, 1);
  wake.unref();
  return () => {
    clearImmediate(immediate);
    clearTimeout(wake);
  };
}

const nothing = (): void => {};
