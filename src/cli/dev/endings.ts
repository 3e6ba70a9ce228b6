// What is still to be done when a signal ends the command: it is done at once, and the signal ends us all the same.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @param work synchronous; not called twice */
export function beforeSignalsEnd(work: () => void): void {
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      work();
      process.kill(process.pid, signal);
    });
  }
}
