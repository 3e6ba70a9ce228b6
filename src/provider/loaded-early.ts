// Owns the packages that were loaded before tracing: each of their files goes through the instrumentations' hook once more.
import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { packageOf } from './loader-hooks.ts';

const require = createRequire(import.meta.url);

/** What it puts in another's place is for sending lines, which is off; the ids are written by a method that all loggers share. */
const doneInPlace = 'bunyan';

/**
 * Most instrumentations write into the objects that a package exports, which works at any time. Nothing is loaded that was not
 * there, and a file that is just being loaded is left alone. An ES module is not found, and cannot be written into. Never throws.
 *
 * @param list enabled already
 * @returns packages whose exports were replaced: who has them already keeps what is not traced
 */
export function patchLoaded(list: readonly Instrumentation[]): string[] {
  const wanted = new Set(list.flatMap(patchedPackages));
  const late = new Set<string>();
  for (const [file, loaded] of Object.entries(require.cache)) {
    const name = packageOf(file.replaceAll('\\', '/'));
    if (!wanted.has(name) || loaded?.loaded !== true) continue;
    try {
      if (require(file) !== loaded.exports) late.add(name);
    } catch {
      late.add(name);
    }
  }
  late.delete(doneInPlace);
  return [...late];
}

/** Names of the packages that it waits for; built-ins among them. */
export function patchedPackages(instrumentation: Instrumentation): string[] {
  const definitions = (instrumentation as { _modules?: { name?: unknown }[] })._modules;
  if (!Array.isArray(definitions)) return [];
  return definitions.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}

/** A sentence about what `patchLoaded` has returned. */
export function tooLate(names: readonly string[]): string {
  const [were, them] = names.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return (
    `${names.join(' and ')} ${were} loaded before tracing started, and what uses ${them} already stays as it is. ` +
    'Start with node --import keeptrace/register, or import the app after initTracing(). ' +
    `To leave ${them} alone: OTEL_NODE_DISABLED_INSTRUMENTATIONS=${names.join(',')}`
  );
}
