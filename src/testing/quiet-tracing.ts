// Owns that there is tracing to capture from: the app's own where it runs, else one of ours that stays within the process.
import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import type { TracingOptions } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import { type Probe, runningProbe } from '../probe.ts';
import type { Quiet } from '../quiet.ts';
import { runningTracing, setRunningTracing, type Tracing } from '../tracing.ts';
import { onlyFollowed, watcher } from './followed-traces.ts';
import { patchLoaded } from './patch-loaded.ts';

/** What src/init-tracing.ts exports; told here so that the published types do not reach into the whole house. */
export interface Conductor {
  startTracing(options: TracingOptions | undefined, quiet: Quiet): Tracing | undefined;
}

let conductor: Conductor | undefined;

/** For tests of this folder, where the built file is not beside this one. */
export function useConductor(given: Conductor): void {
  conductor = given;
}

/**
 * Whatever the shell or the CI has set, nothing is exported, printed or left to chance. Errors and slow requests are kept
 * by their own rules all the same.
 */
const quietly = {
  enabled: true,
  exporter: 'none',
  endpoint: 'http://127.0.0.1:4318',
  sampler: 'parentbased_always_on',
  keepBudget: 'off',
  lifeLines: false,
  logLevel: 'none',
} as const satisfies TracingOptions;

/** What a test may say about tracing that is set up for it; the rest is fixed. */
export type TestTracingOptions = Omit<TracingOptions, keyof typeof quietly | 'spanExporter' | 'spool'>;

/**
 * Sets tracing up for tests in this process, unless it runs. `captureSpans` does so by itself; call it in a setup file to
 * have it before the app is loaded (Koa and Fastify name routes only then), or to give options such as `slowMs` and
 * `routes`. It exports nothing, prints nothing, and records nothing but what `captureSpans` looks at.
 *
 * @throws {Error} when tracing runs and `options` would be ignored, or another OpenTelemetry SDK is registered
 * @throws {ConfigError} for wrong options
 */
export function traceForTests(options?: TestTracingOptions): void {
  if (runningTracing()?.active !== true) startQuietly(options);
  else if (options !== undefined) {
    throw new Error(
      `traceForTests: tracing runs already, so these options would be ignored: ${Object.keys(options).join(', ')}. Call it first, in a setup file, or give them to initTracing().`,
    );
  }
  // Now, since what is loaded next may take functions out of these modules.
  patchLoaded(watch().instrumentations);
}

/** @returns the settings of the tracing that is captured from */
export function ensureTracing(): { probe: Probe; settings: Readonly<Settings> | undefined } {
  if (runningTracing()?.active !== true) startQuietly(undefined);
  return { probe: watch(), settings: runningTracing()?.settings };
}

function startQuietly(options: TestTracingOptions | undefined): void {
  takeOver();
  conductor ??= createRequire(import.meta.url)('./init-tracing.js') as Conductor;
  const tracing = conductor.startTracing({ ...options, ...quietly }, onlyFollowed);
  if (tracing === undefined) throw new Error(`captureSpans: tracing could not be set up: ${whyNot()}`);
  setRunningTracing(tracing);
  const { instrumentations = [], problems = [] } = runningProbe() ?? {};
  if (instrumentations.length > 0 || problems.length === 0) return;
  // It would be quiet about all requests and queries otherwise, and the tests green for nothing.
  throw new Error(
    `captureSpans: no instrumentation can be started in this runner, so only spans made by hand would be captured. With vitest, use the pool forks or threads in place of vmForks or vmThreads. The first reason: ${problems[0]}`,
  );
}

function watch(): Probe {
  const probe = runningProbe();
  if (probe === undefined) {
    throw new Error(
      'captureSpans: tracing was started by another version of keeptrace. Bring both to one with npm dedupe.',
    );
  }
  if (!probe.watchers.has(watcher)) {
    takeOver();
    probe.watchers.add(watcher);
  }
  return probe;
}

/**
 * Runners that give each test file its own globals (jest, vitest's vmThreads) still share Node's built-in modules between
 * them, and with them the patches. Whoever comes next asks whoever was there to take theirs back.
 */
const arrivals = channel('keeptrace.testing.arrival');

function takeOver(): void {
  arrivals.publish({ globals: globalThis });
}

arrivals.subscribe((message) => {
  if ((message as { globals: unknown }).globals !== globalThis) runningProbe()?.retire();
});

function whyNot(): string {
  const { constructor: type } = (trace.getTracerProvider() as { getDelegate?(): object }).getDelegate?.() ?? {};
  return type === undefined || type.name.startsWith('Noop')
    ? 'a setting in the environment cannot be used. `npx keeptrace settings` says which.'
    : `another OpenTelemetry SDK is registered (${type.name}), and the first one wins. Let the tests start keeptrace in its place.`;
}
