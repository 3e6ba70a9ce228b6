// Owns the instrumentations that are used when the app has them installed. They are looked up from the app's folder,
// never required by us, and a broken one costs a sentence, not the app.
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { lazyInstrumentation } from './framework-lazy.ts';
import { workingFolder } from './working-folder.ts';

interface Framework {
  versions: string[];
  config: object;
}

/** Found by themselves, because they name routes. Layers that would each become a span are left out. */
const frameworks: Record<string, Framework> = {
  express: {
    versions: ['>=4.0.0 <6'],
    config: { ignoreLayersType: ['middleware', 'router', 'request_handler'] },
  },
  koa: {
    versions: ['>=2.0.0 <4'],
    config: { ignoreLayersType: ['middleware'] },
  },
};

export const frameworkNames = Object.keys(frameworks);

export type Found =
  | { kind: 'loaded'; instrumentation: Instrumentation }
  | { kind: 'absent'; module: string }
  | { kind: 'failed'; module: string; error: unknown };

/** Where the app was started, and where it lies: `node /srv/app/main.js` may be run from anywhere. */
export function appFolders(): string[] {
  const cwd = workingFolder();
  const entry = process.argv[1];
  const beside = entry === undefined || (cwd === undefined && !isAbsolute(entry)) ? undefined : dirname(resolve(entry));
  return [...new Set([cwd, beside])].filter((folder) => folder !== undefined);
}

/** Looks for `@opentelemetry/instrumentation-<name>` from each of `folders`. */
export function findOptional(name: string, folders: readonly string[]): Found {
  const framework = frameworks[name];
  const module = `@opentelemetry/instrumentation-${name}`;
  // Without the framework itself there is nothing to instrument.
  const require = requireFrom(folders, framework === undefined ? [module] : [name, module]);
  if (require === undefined) return { kind: 'absent', module };
  const make = (config: object): Instrumentation => new (instrumentationClass(require(module)))(config);
  try {
    if (framework === undefined) return { kind: 'loaded', instrumentation: make({}) };
    const { versions, config } = framework;
    const instrumentation = lazyInstrumentation({
      framework: name,
      versions,
      make: () => make({ ...config, enabled: false }),
    });
    return { kind: 'loaded', instrumentation };
  } catch (error) {
    return { kind: 'failed', module, error };
  }
}

export function isInstalled(module: string, folders: readonly string[]): boolean {
  return requireFrom(folders, [module]) !== undefined;
}

/** The `require` of the first folder that has all of `modules`. */
function requireFrom(folders: readonly string[], modules: readonly string[]): NodeJS.Require | undefined {
  for (const folder of folders) {
    const require = createRequire(join(folder, 'keeptrace-looks-from-here.js'));
    try {
      for (const module of modules) require.resolve(module);
      return require;
    } catch {
      // Not here; perhaps in the next one.
    }
  }
  return undefined;
}

function instrumentationClass(exported: unknown): new (config: object) => Instrumentation {
  for (const [key, value] of Object.entries(exported as object)) {
    if (typeof value === 'function' && key.endsWith('Instrumentation') && 'prototype' in value) {
      return value as new (
        config: object,
      ) => Instrumentation;
    }
  }
  throw new Error('it exports no instrumentation class');
}
