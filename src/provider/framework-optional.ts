// Owns the instrumentations that are used when the app has them installed. They are looked up from the app's folder,
// never required by us, and a broken one costs a sentence, not the app.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';

interface Optional {
  /** The framework itself: without it in the app there is nothing to instrument. */
  framework: string;
  module: string;
  config: object;
}

/** Found by themselves, because they name routes. Layers that would each become a span are left out. */
const frameworks: Record<string, Optional> = {
  express: {
    framework: 'express',
    module: '@opentelemetry/instrumentation-express',
    config: { ignoreLayersType: ['middleware', 'router', 'request_handler'] },
  },
  koa: {
    framework: 'koa',
    module: '@opentelemetry/instrumentation-koa',
    config: { ignoreLayersType: ['middleware'] },
  },
};

export const frameworkNames = Object.keys(frameworks);

export type Loaded =
  | { kind: 'loaded'; instrumentation: Instrumentation }
  | { kind: 'absent'; module: string }
  | { kind: 'failed'; module: string; error: unknown };

/** Looks for `@opentelemetry/instrumentation-<name>` from `folder`, which is where the app was started. */
export function loadOptional(name: string, folder: string): Loaded {
  const known = frameworks[name];
  const module = known?.module ?? `@opentelemetry/instrumentation-${name}`;
  const require = createRequire(join(folder, 'keeptrace-looks-from-here.js'));
  try {
    if (known !== undefined) require.resolve(known.framework);
    require.resolve(module);
  } catch {
    return { kind: 'absent', module };
  }
  try {
    const create = instrumentationClass(require(module));
    if (create === undefined) return { kind: 'failed', module, error: 'it exports no instrumentation class' };
    return { kind: 'loaded', instrumentation: new create(known?.config ?? {}) };
  } catch (error) {
    return { kind: 'failed', module, error };
  }
}

function instrumentationClass(exported: unknown): (new (config: object) => Instrumentation) | undefined {
  for (const [key, value] of Object.entries(exported as object)) {
    if (typeof value === 'function' && key.endsWith('Instrumentation') && 'prototype' in value) {
      return value as new (
        config: object,
      ) => Instrumentation;
    }
  }
  return undefined;
}
