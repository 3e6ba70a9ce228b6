// Settings that say what is traced and how keeptrace itself behaves.
import { checkInstrumentation, checkPath } from './entries.ts';
import { booleanRow, choiceRow, integerRow, listRow } from './row-kinds.ts';

/** Endpoints that machines poll. Exact, so that `/healthcare/plans` is still traced; Kubernetes, Spring and browsers use these. */
export const DEFAULT_IGNORE_PATHS = [
  '/health',
  '/health/*',
  '/healthz',
  '/healthz/*',
  '/healthcheck',
  '/health-check',
  '/_health',
  '/livez',
  '/livez/*',
  '/readyz',
  '/readyz/*',
  '/startupz',
  '/live',
  '/liveness',
  '/ready',
  '/readiness',
  '/actuator/health',
  '/actuator/health/*',
  '/metrics',
  '/favicon.ico',
];

const INSTRUMENTATIONS =
  'a comma-separated list of http, undici, pg, aws-sdk, fastify and short names of other installed @opentelemetry/instrumentation packages';

export const behaviourRows = {
  enabledInstrumentations: listRow({
    option: 'enabledInstrumentations',
    env: ['OTEL_NODE_ENABLED_INSTRUMENTATIONS'],
    fallback: undefined,
    unset: 'the default',
    defaultText:
      '`http`, `undici`, `pg`, `aws-sdk`, `fastify`, and `express` and `koa` where their packages are installed',
    expected: INSTRUMENTATIONS,
    check: checkInstrumentation,
    about: 'Only these instrumentations are switched on.',
    example: 'http,pg',
  }),
  disabledInstrumentations: listRow({
    option: 'disabledInstrumentations',
    env: ['OTEL_NODE_DISABLED_INSTRUMENTATIONS'],
    fallback: [],
    defaultText: 'none',
    expected: INSTRUMENTATIONS,
    check: checkInstrumentation,
    about: 'These instrumentations stay off.',
    example: 'aws-sdk',
  }),
  ignorePaths: listRow({
    option: 'ignorePaths',
    env: ['KEEPTRACE_IGNORE_PATHS'],
    fallback: DEFAULT_IGNORE_PATHS,
    expected: 'a comma-separated list of paths that begin with /, a trailing * stands for any rest',
    check: checkPath,
    about: 'Incoming requests to these paths make no spans. A list replaces the default; `none` ignores nothing.',
    example: '/healthz,/metrics,/internal/*',
  }),
  backgroundSpans: booleanRow({
    option: 'backgroundSpans',
    env: ['KEEPTRACE_BACKGROUND_SPANS'],
    fallback: false,
    about: 'Records database and queue calls that run outside any request as traces of their own.',
    example: 'true',
  }),
  redact: booleanRow({
    option: 'redact',
    env: ['KEEPTRACE_REDACT'],
    fallback: true,
    about: 'Hides secrets in URLs and attributes before spans leave the process.',
    example: 'true',
  }),
  redactKeys: listRow({
    option: 'redactKeys',
    env: ['KEEPTRACE_REDACT_KEYS'],
    fallback: [],
    defaultText: 'none',
    expected: 'a comma-separated list of names',
    about: 'Further names of query parameters and attributes whose values are hidden.',
    example: 'account,iban',
  }),
  shutdownTimeoutMs: integerRow({
    option: 'shutdownTimeoutMs',
    env: ['KEEPTRACE_SHUTDOWN_TIMEOUT_MS'],
    unit: 'milliseconds',
    min: 0,
    max: 600_000,
    fallback: 5000,
    about: 'The most that the end of the process may be delayed to hand over the last spans.',
    example: '5000',
  }),
  exitTimeoutMs: integerRow({
    option: 'exitTimeoutMs',
    env: ['KEEPTRACE_EXIT_TIMEOUT_MS'],
    unit: 'milliseconds',
    min: 0,
    max: 60_000,
    fallback: 500,
    about: 'The most that `process.exit()` and a crash may be delayed to send what waits; `0` gives it up at once.',
    example: '500',
  }),
  logLevel: choiceRow({
    option: 'logLevel',
    env: ['OTEL_LOG_LEVEL'],
    choices: ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
    aliases: {
      warning: 'warn',
      trace: 'verbose',
      off: 'none',
      silent: 'none',
      false: 'none',
      fatal: 'error',
      true: 'all',
    },
    fallback: 'warn',
    about: 'How much keeptrace and OpenTelemetry write to stderr.',
    example: 'warn',
  }),
  lifeLines: booleanRow({
    option: 'lifeLines',
    env: ['KEEPTRACE_LIFE_LINES'],
    fallback: true,
    about:
      'The lines on stderr that say what is on, that the first batch was accepted, and that sending works again. What fails is said all the same, under `OTEL_LOG_LEVEL`.',
    example: 'true',
  }),
};
