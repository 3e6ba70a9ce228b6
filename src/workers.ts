// Owns the question whether this thread is one that the user wants traced, and when a worker can answer it.
import { readFileSync, realpathSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import * as threads from 'node:worker_threads';

/** Packages whose worker script runs the user's own functions. */
const pools = new Set([
  'piscina',
  'tinypool',
  'vitest',
  'workerpool',
  'jest-worker',
  'poolifier',
  'threads',
  'synckit',
]);

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

/** File names of the commands, with the version that `.yarn/releases` puts into them. */
const command = /^(?:npm|npx|npm-cli|npx-cli|pnpm|pnpx|yarn|yarnpkg|yarn-v?\d[\w.-]*?|corepack)(?:\.[cm]?js)?$/;
/** A folder of the package around it, so that an app's own `src/yarn.js` is not taken for the command. */
const home = /^(?:npm|pnpm|corepack|yarn|yarn-v?\d[\w.-]*|\.yarn)$/;

/**
 * `NODE_OPTIONS=--import keeptrace/register` reaches `npm start` before the app. Tracing the package manager would make a
 * second service out of it and report problems twice. Every other main script is the app, wherever it lies.
 *
 * @param script the main script, `process.argv[1]`; a link is followed
 */
export function isPackageManager(script: string | undefined): boolean {
  if (script === undefined) return false;
  const folders = realPath(script).replaceAll('\\', '/').split('/');
  return command.test(folders.pop() ?? '') && folders.some((folder) => home.test(folder));
}

/**
 * `npx keeptrace dev` in a shell whose `NODE_OPTIONS` hold the preload: a viewer that is traced would be sent the spans of
 * being sent spans, without end.
 */
export function isOwnCommand(script: string | undefined): boolean {
  if (script === undefined) return false;
  const file = realPath(script);
  if (!file.replaceAll('\\', '/').endsWith('/dist/esm/cli.js')) return false;
  try {
    return JSON.parse(readFileSync(join(file, '../../../package.json'), 'utf8')).name === 'keeptrace';
  } catch {
    return false;
  }
}

/** @returns whether the thread with this entry is none of the app's */
export function isForeign(script: string | undefined): boolean {
  if (threads.isMainThread) return isPackageManager(script) || isOwnCommand(script);
  return isLoaderThread() || isLibraryWorker(script);
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
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
