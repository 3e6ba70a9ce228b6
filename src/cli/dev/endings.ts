// What ends the command besides itself: a signal, which waits for nothing but what is done at once, and a reader that left.

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

/** `keeptrace dev --print | head`: nobody is left to print for. */
export function endWithReader(out: NodeJS.WriteStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
