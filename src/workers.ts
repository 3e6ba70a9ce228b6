// Owns the question whether this thread is one that the user wants traced, and when a worker can answer it.
import Module from 'node:module';
import * as threads from 'node:worker_threads';

/** Packages whose worker script runs the user's own functions. */
const pools = new Set(['piscina', 'tinypool', 'workerpool', 'jest-worker', 'poolifier', 'threads', 'synckit']);

/**
 * Log transports (pino's thread-stream and the like) and loader threads inherit `--import` and `--require`. A second
 * SDK there would trace the shipping of logs and hold up their exit.
 *
 * @param script the worker's entry file, `process.argv[1]`
 */
export function isLibraryWorker(script: string | undefined): boolean {
  const parts = script?.replaceAll('\\', '/').split('/node_modules/') ?? [];
  const inside = parts.length > 1 ? parts.at(-1) : undefined;
  return inside !== undefined && !pools.has(inside.split('/', 1)[0] ?? '');
}

/** The thread that runs asynchronous loader hooks. */
export function isLoaderThread(): boolean {
  return (threads as { isInternalThread?: boolean }).isInternalThread === true;
}

/**
 * Under `--require` a worker does not know its script yet: Node fills in `process.argv[1]` after the preloads. So wait
 * for whatever comes first of the script's own load (CommonJS) and the first turn (ES modules load asynchronously).
 */
export function whenScriptIsKnown(start: () => void): void {
  if (threads.isMainThread || process.argv[1] !== undefined) {
    start();
    return;
  }
  const loader = Module as unknown as { _load: (...args: unknown[]) => unknown };
  const original = loader._load;
  let started = false;
  const once = () => {
    if (started) return;
    started = true;
    if (loader._load === waiting) loader._load = original;
    start();
  };
  function waiting(this: unknown, ...args: unknown[]): unknown {
    once();
    return original.apply(this, args);
  }
  loader._load = waiting;
  process.nextTick(once);
}
