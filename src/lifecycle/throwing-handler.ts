// Notices that a handler of 'uncaughtException' throws itself: Node ends the process then with code 7, and without `exit`.

/**
 * Runs `run` if the listeners that are about to be called throw. To be called by an 'uncaughtExceptionMonitor', after which Node
 * looks up `process.emit` anew.
 *
 * @returns stops watching
 */
export function whenHandlersThrow(run: () => void): () => void {
  // With a callback of `setUncaughtExceptionCaptureCallback`, or a domain, listeners are not called.
  if (process.listenerCount('uncaughtException') === 0 || process.hasUncaughtExceptionCaptureCallback())
    return () => {};
  const before = Object.getOwnPropertyDescriptor(process, 'emit');
  const emit = process.emit as (...args: unknown[]) => boolean;
  const restore = (): void => {
    if (process.emit !== watched) return;
    if (before) Object.defineProperty(process, 'emit', before);
    else delete (process as { emit?: unknown }).emit;
  };
  const watched = ((...args: unknown[]): boolean => {
    if (args[0] !== 'uncaughtException') return emit.apply(process, args);
    restore();
    let threw = true;
    // Not `catch`: Node shows the line that threw, which throwing on would move here.
    try {
      const heard = emit.apply(process, args);
      threw = false;
      return heard;
    } finally {
      if (threw) run();
    }
  }) as typeof process.emit;
  return Reflect.set(process, 'emit', watched) ? restore : () => {};
}
