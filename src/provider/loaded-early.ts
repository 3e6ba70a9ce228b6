// Owns the packages that were loaded before tracing: each of their files goes through the instrumentations' hook once more.
import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { packageOf } from './loader-hooks.ts';

const require = createRequire(import.meta.url);

/** What it puts in another's place is for sending lines, which is off; the ids are written by a method that all loggers share. */
const DONE_IN_PLACE = 'bunyan';

/**
 * Most instrumentations write into the objects that a package exports, which works at any time. The same is done a moment later
 * to what ES modules had linked and have evaluated since, after the import that starts tracing: no hook sees that. Nothing is
 * loaded that was not there, and a file that is just being loaded is left alone. An ES module is not found, and cannot be
 * written into. Never throws.
 *
 * @param list enabled already
 * @param tell handed packages whose exports were replaced: who has them already keeps what is not traced
 * @returns the same packages; the array grows by those that were linked
 */
export function patchLoaded(list: readonly Instrumentation[], tell: (names: readonly string[]) => void): string[] {
  const late: string[] = [];
  const patch = (): void => {
    try {
      const found = patchNow(list).filter((name) => !late.includes(name));
      late.push(...found);
      if (found.length > 0) tell(found);
    } catch {
      // Whoever stands in for the cache or for an instrumentation: the second time there is nobody to catch it.
    }
  };
  patch();
  // What is linked is evaluated without a break; what is imported later is linked with the hooks in place.
  queueMicrotask(patch);
  return late;
}

function patchNow(list: readonly Instrumentation[]): string[] {
  const waiting = list.flatMap(definitionsOf).filter(({ moduleExports }) => moduleExports === undefined);
  const wanted = new Set(waiting.map(({ name }) => name));
  const replaced = new Set<string>();
  for (const file of Object.keys(require.cache)) {
    const name = packageOf(file.replaceAll('\\', '/'));
    const loaded = wanted.has(name) ? require.cache[file] : undefined;
    if (loaded?.loaded !== true) continue;
    try {
      if (require(file) !== loaded.exports && name !== DONE_IN_PLACE) replaced.add(name);
    } catch {
      // The instrumentation could not, and the app is not affected.
    }
  }
  return [...replaced];
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
