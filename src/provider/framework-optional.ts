// Owns the instrumentations that are used when the app has them installed. They are looked up from the app's folder,
// never required by us, and a broken one costs a sentence, not the app.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { lazyInstrumentation } from './framework-lazy.ts';

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

/** Looks for `@opentelemetry/instrumentation-<name>` from `folder`, which is where the app was started. */
export function findOptional(name: string, folder: string): Found {
  const framework = frameworks[name];
  const module = `@opentelemetry/instrumentation-${name}`;
  const require = createRequire(join(folder, 'keeptrace-looks-from-here.js'));
  try {
    // Without the framework itself there is nothing to instrument.
    if (framework !== undefined) require.resolve(name);
    require.resolve(module);
  } catch {
    return { kind: 'absent', module };
  }
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
