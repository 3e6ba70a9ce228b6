// Owns the packages that were loaded before tracing: each of their files goes through the instrumentations' hook once more.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { packageOf } from './loader-hooks.ts';

const require = createRequire(import.meta.url);

/** Told of each file of CommonJS once it is evaluated, whether it was required or imported. */
const EVALUATED = 'tracing:module.require:end';

/** What it puts in another's place is for sending lines, which is off; the ids are written by a method that all loggers share. */
const DONE_IN_PLACE = 'bunyan';

/**
 * Most instrumentations write into the objects that a package exports, which works at any time. The same is done to what ES
 * modules have linked already and evaluate after the import that starts tracing: no hook sees that. Nothing is loaded that was
 * not there, and a file that is just being loaded is left alone. An ES module is not found, and cannot be written into. Never
 * throws.
 *
 * @param list enabled already
 * @param tell handed packages whose exports were replaced: who has them already keeps what is not traced
 * @returns the same packages; the array grows by those that were linked
 */
export function patchLoaded(list: readonly Instrumentation[], tell: (names: readonly string[]) => void): string[] {
  const waiting = list.flatMap(definitionsOf).filter(({ moduleExports }) => moduleExports === undefined);
  const wanted = new Set(waiting.map(({ name }) => name));
  const late: string[] = [];
  const patch = (file: string): void => {
    const name = packageOf(file.replaceAll('\\', '/'));
    const loaded = wanted.has(name) ? require.cache[file] : undefined;
    if (loaded?.loaded !== true) return;
    try {
      const replaced = require(file) !== loaded.exports;
      if (replaced && name !== DONE_IN_PLACE && !late.includes(name)) late.push(name);
    } catch {
      // The instrumentation could not, and the app is not affected.
    }
  };
  for (const file of Object.keys(require.cache)) patch(file);
  if (late.length > 0) tell(late);

  const onEvaluated = (message: unknown): void => {
    const { id, parentFilename } = message as { id: string; parentFilename?: string };
    // What is required by a file goes through the hook.
    if (parentFilename !== undefined) return;
    const before = late.length;
    patch(id);
    if (late.length > before) tell(late.slice(before));
  };
  subscribe(EVALUATED, onEvaluated);
  // What is linked is evaluated without a break; what is imported later has been linked with the hooks in place.
  queueMicrotask(() => unsubscribe(EVALUATED, onEvaluated));
  return late;
}

interface Definition {
  name: string;
  /** Set once it has been patched. */
  moduleExports?: unknown;
}

/** What it patches; built-ins among them. */
export function definitionsOf(instrumentation: Instrumentation): Definition[] {
  const { _modules: definitions } = instrumentation as { _modules?: Definition[] };
  return Array.isArray(definitions) ? definitions.filter(({ name }) => typeof name === 'string') : [];
}

/** What to say of packages that were told. */
export function tooLate(names: readonly string[]): string {
  const [were, them] = names.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return (
    `${names.join(' and ')} ${were} loaded before tracing started, and what uses ${them} already stays as it is. ` +
    'Start with node --import keeptrace/register, or import the app after initTracing(). ' +
    `To leave ${them} alone: OTEL_NODE_DISABLED_INSTRUMENTATIONS=${names.join(',')}`
  );
}
