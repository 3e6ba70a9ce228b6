// Owns which instrumentations run: ours by short name, optional ones that the app has installed, and the user's own.
import { channel } from 'node:diagnostics_channel';
import { isBuiltin } from 'node:module';
import { diag, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Settings } from '../config/settings.ts';
import { createAwsInstrumentation } from './aws-shield.ts';
import { FastifyRoutes } from './framework-fastify.ts';
import { appFolders, findOptional, frameworkNames, isInstalled } from './framework-optional.ts';
import { httpOpinions } from './http-opinions.ts';
import type { KeepHooks } from './keep-hooks.ts';
import { definitionsOf, patchLoaded } from './loaded-early.ts';
import { type LineFields, logInstrumentations } from './log-instrumentations.ts';
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
  | 'production'
> & {
  /** Hangs the keep-signal on the HTTP clients and servers; without it none travels. */
  keepHooks?: KeepHooks;
  /** What is written on the lines of loggers; without it they are left alone. */
  lineFields?: LineFields | undefined;
};

export interface InstrumentationSet {
  list: Instrumentation[];
  /** Short names of what is on, for the start line: `http`, `undici`, `pg`, `aws-sdk`, …. */
  names: string[];
  problems: InstrumentationProblem[];
}

/** Fits the `Problem` of src/config/problems.ts; nothing here is worth refusing to start for. */
export interface InstrumentationProblem {
  code: 'KT_UNSUPPORTED' | 'KT_NO_EFFECT' | 'KT_WRONG_OPTION';
  severity: 'warning';
  origin: { kind: 'code' | 'env' | 'default'; name: string };
  message: string;
}

/** What comes with keeptrace; made only when it is on. */
const shipped: Record<string, (settings: InstrumentationSettings, keep: KeepHooks | undefined) => Instrumentation> = {
  http: (settings, keep) => new HttpInstrumentation(httpOpinions(settings, keep)),
  undici: (_, keep) => new UndiciInstrumentation(undiciOpinions(keep)),
  pg: (settings) => new PgInstrumentation(pgOpinions(settings)),
  'aws-sdk': () => createAwsInstrumentation(),
  fastify: () => new FastifyRoutes(),
};

/** Their hooks carry the keep-signal, which an instance of the user's own knows nothing of. */
const signalling = new Set(['http', 'undici']);

/**
 * Makes and thereby switches on every instrumentation that `settings` ask for. Never throws: what cannot be made is a problem to print.
 * @param folders where optional ones are looked up; default the working directory, then the entry script's
 */
export function createInstrumentations(settings: InstrumentationSettings, folders = appFolders()): InstrumentationSet {
  const set: InstrumentationSet = { list: [], names: [], problems: [] };
  const own = takeOwn(settings.instrumentations, set);
  const disabled = new Set(settings.disabledInstrumentations.map(shortName));
  const enabled = settings.enabledInstrumentations?.map(shortName);
  const ours = [...Object.keys(shipped), ...frameworkNames, ...Object.keys(logInstrumentations)];
  for (const name of new Set(enabled ?? ours)) {
    if (disabled.has(name) || own.has(name)) continue;
    try {
      add(name, settings, folders, set, enabled !== undefined);
    } catch (error) {
      set.problems.push(failed(name, `the instrumentation "${name}"`, error));
    }
  }
  return set;
}

function add(
  name: string,
  settings: InstrumentationSettings,
  folders: readonly string[],
  set: InstrumentationSet,
  asked: boolean,
): void {
  const make = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (make !== undefined) {
    set.list.push(make(settings, settings.keepHooks));
    set.names.push(name);
    return;
  }
  if (Object.hasOwn(logInstrumentations, name)) {
    // Not among the names: it makes no spans.
    if (settings.lineFields !== undefined) set.list.push(logInstrumentations[name]!(settings.lineFields));
    return;
  }
  const found = findOptional(name, folders);
  if (found.kind === 'loaded') {
    set.list.push(found.instrumentation);
    set.names.push(name);
  } else if (found.kind === 'failed') set.problems.push(failed(name, found.module, found.error));
  else if (asked) {
    set.problems.push({
      code: 'KT_UNSUPPORTED',
      severity: 'warning',
      origin: { kind: 'env', name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' },
      message:
        `OTEL_NODE_ENABLED_INSTRUMENTATIONS names "${name}", for which ${found.module} would be needed, ` +
        `and it is not installed in ${folders.join(' or ')}. Run "npm install ${found.module}", or take the name out.`,
    });
  }
}

/**
 * The user's own instances come first and replace ours of the same kind: two undici instrumentations at once write two
 * values into one `traceparent`, which breaks every trace. A second instance is switched off and named.
 */
function takeOwn(own: Instrumentation[], set: InstrumentationSet): Set<string> {
  const taken = new Set<string>();
  const tell = (code: InstrumentationProblem['code'], message: string) =>
    set.problems.push({ code, severity: 'warning', origin: { kind: 'code', name: 'instrumentations' }, message });
  for (const instrumentation of own) {
    const name = shortName(instrumentation?.instrumentationName ?? '');
    if (name === '' || typeof instrumentation.enable !== 'function') {
      tell(
        'KT_WRONG_OPTION',
        'The option instrumentations holds something that is no instrumentation; it was left out.',
      );
    } else if (taken.has(name)) {
      switchOff(instrumentation);
      tell(
        'KT_NO_EFFECT',
        `The option instrumentations holds two instances of "${name}". The second was switched off, because both would write the same headers; remove one.`,
      );
    } else {
      taken.add(name);
      set.list.push(instrumentation);
      set.names.push(name);
      if (Object.hasOwn(shipped, name)) {
        tell(
          'KT_NO_EFFECT',
          `The option instrumentations holds an instance of "${name}", which is used in place of the one keeptrace configures; its span names and filters are then yours to set${signalling.has(name) ? ', and it carries no keep-signal: a trace kept for an error or slowness is not told to callers or heard from callees through it' : ''}. Remove it to have ours.`,
        );
      }
    }
  }
  return taken;
}

/** Tells whoever looks into this process (`keeptrace doctor`) what was set up, at the moment when it is. */
const INSTRUMENTATIONS_CHANNEL = 'keeptrace:instrumentations';

/**
 * Gives every instrumentation its tracer, and switches on those of the user's that were made switched off.
 *
 * @param tell what is loaded already is patched, and this handed packages that it is too late for; by default it is left alone
 */
export function enableInstrumentations(
  list: readonly Instrumentation[],
  provider: TracerProvider,
  tell?: (late: readonly string[]) => void,
): void {
  for (const instrumentation of list) {
    try {
      instrumentation.setTracerProvider(provider);
      instrumentation.enable();
    } catch (error) {
      diag.warn(`The instrumentation ${instrumentation.instrumentationName} could not be enabled: ${String(error)}`);
    }
  }
  const late = tell ? patchLoaded(list, tell) : [];
  const ready = channel(INSTRUMENTATIONS_CHANNEL);
  if (ready.hasSubscribers) ready.publish({ list, provider, late });
}

export function disableInstrumentations(list: readonly Instrumentation[]): void {
  for (const instrumentation of list) switchOff(instrumentation);
}

/**
 * Packages whose `import` must go through the loader hook: all that the instrumentations patch, except built-ins, those of
 * pg, aws-sdk and winston, whose patched files are CommonJS however the package was loaded, and loggers that the app does
 * not have, because a hook costs every app its start.
 */
export function hookedModules(list: readonly Instrumentation[], folders = appFolders()): string[] {
  const names = new Set<string>();
  for (const instrumentation of list) {
    if (instrumentation instanceof PgInstrumentation || instrumentation instanceof AwsInstrumentation) continue;
    for (const { name } of definitionsOf(instrumentation)) {
      if (isBuiltin(name) || name === 'winston') continue;
      if (!Object.hasOwn(logInstrumentations, name) || isInstalled(name, folders)) names.add(name);
    }
  }
  return [...names];
}

/** `@opentelemetry/instrumentation-pg` → `pg`; other names as they are. */
function shortName(name: string): string {
  return name.trim().replace(/^@opentelemetry\/instrumentation-/, '');
}

function failed(name: string, what: string, error: unknown): InstrumentationProblem {
  const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  return {
    code: 'KT_UNSUPPORTED',
    severity: 'warning',
    origin: { kind: 'default', name },
    message:
      `${what} could not be started (${reason}), so ${name} makes no spans; the app is not affected. ` +
      `Install a version made for OpenTelemetry 3.x, or set OTEL_NODE_DISABLED_INSTRUMENTATIONS=${name}.`,
  };
}

function switchOff(instrumentation: Instrumentation): void {
  try {
    instrumentation.disable();
  } catch {
    // It stays on; the sentence printed says to remove it.
  }
}
