// Owns which instrumentations run: ours by short name, optional ones that the app has installed, and the user's own.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Settings } from '../config/settings.ts';
import { awsOpinions } from './aws-opinions.ts';
import { FastifyRoutes } from './framework-fastify.ts';
import { frameworkNames, loadOptional } from './framework-optional.ts';
import { httpOpinions } from './http-opinions.ts';
import { isForeignName } from './instrumentation-names.ts';
import { pgOpinions } from './pg-opinions.ts';
import { undiciOpinions } from './undici-opinions.ts';

export type InstrumentationSettings = Pick<
  Settings,
  | 'enabledInstrumentations'
  | 'disabledInstrumentations'
  | 'instrumentations'
  | 'ignorePaths'
  | 'redact'
  | 'redactKeys'
  | 'backgroundSpans'
  | 'environment'
>;

export interface InstrumentationSet {
  instrumentations: Instrumentation[];
  /** Short names of what is on, for the start line: `http`, `undici`, `pg`, `aws-sdk`, …. */
  names: string[];
  problems: InstrumentationProblem[];
}

export interface InstrumentationProblem {
  code: string;
  /** A full sentence with the fix. */
  message: string;
}

/** The four that come with keeptrace, and Fastify's route; made only when they are on. */
const shipped: Record<string, (settings: InstrumentationSettings) => Instrumentation> = {
  http: (settings) => new HttpInstrumentation(httpOpinions(settings)),
  undici: () => new UndiciInstrumentation(undiciOpinions()),
  pg: (settings) => new PgInstrumentation(pgOpinions(settings)),
  'aws-sdk': () => new AwsInstrumentation(awsOpinions()),
  fastify: () => new FastifyRoutes(),
};

/**
 * Makes and thereby switches on every instrumentation that `settings` ask for. Never throws: what cannot be made is a
 * problem to print. `folder` is where optional ones are looked up; default the working directory.
 */
export function createInstrumentations(settings: InstrumentationSettings, folder = process.cwd()): InstrumentationSet {
  const set: InstrumentationSet = { instrumentations: [], names: [], problems: [] };
  const own = takeOwn(settings.instrumentations, set);
  const disabled = new Set(settings.disabledInstrumentations.map(shortName));
  const enabled = settings.enabledInstrumentations?.map(shortName);
  for (const name of enabled ?? [...Object.keys(shipped), ...frameworkNames]) {
    if (disabled.has(name) || own.has(name) || set.names.includes(name)) continue;
    try {
      add(name, settings, folder, enabled !== undefined, set);
    } catch (error) {
      set.problems.push({
        code: 'instrumentation_failed',
        message: `The instrumentation "${name}" could not be started (${text(error)}), so ${name} makes no spans. The app is not affected.`,
      });
    }
  }
  for (const name of disabled) {
    if (!(name in shipped) && !frameworkNames.includes(name) && !own.has(name) && !isForeignName(name)) {
      set.problems.push(unknownName(name, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'));
    }
  }
  return set;
}

function add(
  name: string,
  settings: InstrumentationSettings,
  folder: string,
  asked: boolean,
  set: InstrumentationSet,
): void {
  const make = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (make !== undefined) {
    set.instrumentations.push(make(settings));
    set.names.push(name);
    return;
  }
  const found = loadOptional(name, folder);
  if (found.kind === 'loaded') {
    set.instrumentations.push(found.instrumentation);
    set.names.push(name);
  } else if (found.kind === 'failed') {
    set.problems.push({
      code: 'instrumentation_failed',
      message: `${found.module} could not be used (${found.reason}), so ${name} makes no spans. Install the version that goes with OpenTelemetry 3.x.`,
    });
  } else if (asked) {
    set.problems.push(
      frameworkNames.includes(name) || isForeignName(name)
        ? {
            code: 'instrumentation_missing',
            message: `The instrumentation "${name}" is enabled, but ${found.module} is not installed in ${folder}. Run: npm install ${found.module}`,
          }
        : unknownName(name, 'OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
    );
  }
}

/**
 * The user's own instances come first and replace ours of the same kind: two undici instrumentations at once write two
 * values into one `traceparent`, which breaks every trace. A second instance is switched off and named.
 */
function takeOwn(own: Instrumentation[], set: InstrumentationSet): Set<string> {
  const taken = new Set<string>();
  for (const instrumentation of own) {
    const name = shortName(instrumentation?.instrumentationName ?? '');
    if (name === '' || typeof instrumentation.enable !== 'function') {
      set.problems.push({
        code: 'instrumentation_invalid',
        message: 'The option "instrumentations" holds something that is no instrumentation, which was left out.',
      });
    } else if (taken.has(name)) {
      disable(instrumentation);
      set.problems.push({
        code: 'instrumentation_duplicate',
        message: `The option "instrumentations" holds two instances of "${name}"; the second was switched off, because two at once corrupt the headers they write. Remove one.`,
      });
    } else {
      taken.add(name);
      set.instrumentations.push(instrumentation);
      set.names.push(name);
      if (Object.hasOwn(shipped, name)) {
        set.problems.push({
          code: 'instrumentation_replaced',
          message: `Your own instance of "${name}" from the option "instrumentations" is used in place of the one that keeptrace configures, so its span names and filters are yours to set.`,
        });
      }
    }
  }
  return taken;
}

/** Names of all modules that these instrumentations patch: what the loader hook must let through. */
export function hookedModules(instrumentations: readonly Instrumentation[]): string[] {
  const names = new Set<string>();
  for (const instrumentation of instrumentations) {
    const definitions = (instrumentation as { _modules?: { name?: unknown }[] })._modules;
    if (!Array.isArray(definitions)) continue;
    for (const definition of definitions) if (typeof definition.name === 'string') names.add(definition.name);
  }
  return [...names];
}

/** `@opentelemetry/instrumentation-pg` → `pg`; other names as they are. */
function shortName(name: string): string {
  return name.trim().replace(/^@opentelemetry\/instrumentation-/, '');
}

function unknownName(name: string, variable: string): InstrumentationProblem {
  return {
    code: 'instrumentation_unknown',
    message: `${variable} names "${name}", which matches no instrumentation. Known: ${[...Object.keys(shipped), ...frameworkNames].join(', ')}.`,
  };
}

function disable(instrumentation: Instrumentation): void {
  try {
    instrumentation.disable();
  } catch {
    // It stays on; the problem printed tells to remove it.
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
