// The public surface of keeptrace.
import type { TracingOptions } from './config/options.ts';
import { start } from './start.ts';
import type { Tracing } from './tracing.ts';

export type { TracingOptions } from './config/options.ts';
export { ConfigError, type Origin, type Problem } from './config/problems.ts';
export type { Settings } from './config/settings.ts';
export type { ExportStats, FlushResult } from './export/pipeline.ts';
export type { ExportFailure, ExportMessage } from './export/report/export-channel.ts';
export {
  type DatadogTraceFields,
  type EcsTraceFields,
  type FieldNames,
  type GoogleTraceFields,
  type TraceFields,
  traceFields,
} from './logs/log-fields.ts';
export { keepTrace } from './sampling/keep-trace.ts';
export type { SamplingStats } from './sampling/sampling-stats.ts';
export { type SpanOptions, withSpan } from './span/with-span.ts';
export type { Tracing, TracingStats } from './tracing.ts';

/**
 * Starts tracing in this thread: one line, at the top of main, before anything that shall be traced is loaded. Every
 * option is optional and has an environment variable, see docs/configuration.md; options win over variables.
 *
 * Synchronous and idempotent: a second call returns the first handle. With the preload (`--import keeptrace/register`)
 * it is not needed at all.
 *
 * @example
 * const tracing = initTracing({ serviceName: 'checkout' });
 * @throws {ConfigError} listing every wrong option at once. Wrong environment variables never throw: they are
 *   reported on stderr, and the app runs on.
 */
export function initTracing(options?: TracingOptions): Tracing {
  return start(options);
}
