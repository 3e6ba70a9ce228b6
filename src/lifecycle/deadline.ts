// Waits for a promise at most so long. Holds the process meanwhile, which is what waiting at its end needs.
const { setTimeout, clearTimeout } = globalThis;

/** Resolves when `work` settles or after `ms`; never rejects. */
export function within(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(done, done);
  });
}
