// The `signal-exit` package ends the process only if nobody but its own copies listens, which it tells by a shared
// count. It would wait for us and we for it, for ever; so we enter its count, for the time of one signal.

interface CountHolder {
  count: number;
}

/** Call first in a signal's listener. */
export function standAsideForSignalExit(): void {
  const v4 = (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')];
  const v3 = (process as unknown as Record<string, unknown>).__signal_exit_emitter__;
  // Version 4 adds the count of version 3 to its own, so one entry serves both.
  const holder = [v4, v3].find(isCountHolder);
  if (!holder) return;
  holder.count++;
  // Microtasks run when the last listener of this signal has returned.
  queueMicrotask(() => {
    holder.count--;
  });
}

function isCountHolder(value: unknown): value is CountHolder {
  return typeof value === 'object' && value !== null && typeof (value as CountHolder).count === 'number';
}
