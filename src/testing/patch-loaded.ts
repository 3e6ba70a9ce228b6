// Instruments what is loaded already: test runners load modules past the hooks that instrumentations wait in (jest all of
// them), and tests import the app before they capture. Patches are made in place, through the module cache.
import { createRequire, isBuiltin, syncBuiltinESMExports } from 'node:module';
import { join, relative, sep } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';

interface Patchable {
  name: string;
  moduleExports?: unknown;
}
interface Definition extends Patchable {
  files?: Patchable[];
}
/** What an instrumentation does when a module is required, which nobody else need know how to do. */
interface Hooked {
  _modules?: Definition[];
  _onRequire?(definition: Definition, exports: unknown, name: string, folder?: string): unknown;
}

const require = createRequire(import.meta.url);
/** What was patched from here; with jest.resetModules() the same file comes again as another object. */
const done = new WeakMap<Patchable, WeakSet<object>>();

/** Never throws; what cannot be patched makes no spans. */
export function patchLoaded(instrumentations: readonly Instrumentation[]): void {
  const packages = new Map<string, [Hooked, Definition][]>();
  for (const instrumentation of instrumentations as readonly unknown[] as readonly Hooked[]) {
    for (const definition of instrumentation._modules ?? []) {
      if (isBuiltin(definition.name)) patchBuiltin(instrumentation, definition);
      else packages.set(definition.name, [...(packages.get(definition.name) ?? []), [instrumentation, definition]]);
    }
  }
  for (const file of Object.keys(require.cache)) {
    const place = placeOf(file);
    for (const [instrumentation, definition] of packages.get(place?.name ?? '') ?? []) {
      patchFile(instrumentation, definition, file, place!);
    }
  }
}

function patchBuiltin(instrumentation: Hooked, definition: Definition): void {
  if (definition.moduleExports !== undefined) return;
  try {
    instrumentation._onRequire?.(definition, require(definition.name), definition.name);
    syncBuiltinESMExports();
  } catch {
    // It makes no spans.
  }
}

interface Place {
  name: string;
  folder: string;
}

function patchFile(instrumentation: Hooked, definition: Definition, file: string, { name, folder }: Place): void {
  const cached = require.cache[file];
  const exports: unknown = cached?.exports;
  if (cached === undefined || (typeof exports !== 'object' && typeof exports !== 'function')) return;
  if (exports === null) return;
  const part = isMain(file, folder) ? name : join(name, relative(folder, file));
  const target = part === name ? definition : definition.files?.find((one) => one.name === part);
  if (target === undefined) return;
  const ours = done.get(target);
  // Patched by the hooks, on its way in.
  if (ours === undefined ? target.moduleExports !== undefined : ours.has(exports)) return;
  done.set(target, (ours ?? new WeakSet()).add(exports));
  try {
    cached.exports = instrumentation._onRequire?.(definition, exports, part, folder) ?? exports;
  } catch {
    // It makes no spans.
  }
}

/** By folder. A lookup goes through the file system. */
const mains = new Map<string, string | undefined>();

function isMain(file: string, folder: string): boolean {
  if (!mains.has(folder)) mains.set(folder, mainOf(folder));
  return mains.get(folder) === file;
}

function mainOf(folder: string): string | undefined {
  try {
    return require.resolve(folder);
  } catch {
    return undefined;
  }
}

/** `/app/node_modules/@koa/router/lib/index.js` → `@koa/router` and its folder */
function placeOf(file: string): Place | undefined {
  const marker = `${sep}node_modules${sep}`;
  const start = file.lastIndexOf(marker);
  if (start === -1) return undefined;
  const parts = file.slice(start + marker.length).split(sep);
  const count = parts[0]?.startsWith('@') ? 2 : 1;
  const inside = parts.slice(0, count);
  return { name: inside.join('/'), folder: file.slice(0, start + marker.length) + inside.join(sep) };
}
