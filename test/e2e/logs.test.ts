import { beforeAll, describe, expect, test } from 'vitest';
import { type Logged, linesOf, logApps, loggers, runLogApp, spanOf } from './logs-rig.ts';

const named = ['trace_id', 'span_id', 'trace_flags'];
const pick = (line: Record<string, unknown> | undefined, names: string[]) => names.map((name) => line?.[name]);

describe.each(logApps)('$flag, $script', (app) => {
  let logged: Logged;
  beforeAll(async () => {
    logged = await runLogApp(app, { KEEPTRACE_LOG_CONSOLE: 'true' });
  });

  test.each(loggers)('lines of %s carry the ids of the span they were written in, and of none outside', (logger) => {
    const { before, inside, awaited, error, after } = linesOf(logged, logger);
    const { traceId, spanId } = spanOf(logged, logger);
    const failed = logger === 'console' ? [] : [error];
    for (const line of [inside, awaited, ...failed]) expect(pick(line, named)).toEqual([traceId, spanId, '01']);
    for (const line of [before, after]) {
      expect(line).toMatchObject({ where: expect.any(String) });
      expect(Object.keys(line ?? {}).filter((key) => named.includes(key))).toEqual([]);
    }
  });

  test('a formatted line of the console carries them behind its text', () => {
    const { traceId, spanId } = spanOf(logged, 'console');
    const ids = `trace_id=${traceId} span_id=${spanId} trace_flags=01`;
    expect(logged.stderr).toContain(`\n{"logger":"console"} at error ${ids}\n`);
  });

  test.each(loggers.slice(0, 3))(
    '%s still hides what it was told to hide, and keeps the fields of the app',
    (logger) => {
      const { inside, error } = linesOf(logged, logger);
      expect(inside).toMatchObject({ password: '[Redacted]', span_name: 'own' });
      if (logger === 'pino') expect(inside).toMatchObject({ mixed: true });
      expect(error).toMatchObject({ where: 'error' });
      expect(logged.stdout).not.toContain('hunter2');
    },
  );

  test('nothing else is printed than what the app prints and what tracing says of itself', () => {
    expect(logged.lines).toHaveLength(5 * loggers.length - 1);
    expect(logged.stderr).toMatch(
      /^keeptrace: tracing logs .*\n\{"logger":"console"\} at error .*\n(keeptrace: first batch accepted.*\n)?$/,
    );
  });
});

test.each([
  ['ecs', (traceId: string, spanId: string) => ({ 'trace.id': traceId, 'span.id': spanId })],
  ['off', () => ({})],
])('KEEPTRACE_LOG_CORRELATION=%s gives lines these names and no others', async (names, expected) => {
  const logged = await runLogApp({ script: 'app.mjs', flag: '--import' }, { KEEPTRACE_LOG_CORRELATION: names });
  for (const logger of loggers) {
    const { before, inside } = linesOf(logged, logger);
    const { traceId, spanId } = spanOf(logged, logger);
    const added = Object.entries(inside ?? {}).filter(([key]) => !(key in (before ?? {})));
    // The console is asked for by a setting of its own.
    expect([logger, Object.fromEntries(added)]).toEqual([
      logger,
      logger === 'console' ? {} : expected(traceId, spanId),
    ]);
  }
});

test('trace_flags says 00 until the trace is kept, and 01 from then on', async () => {
  const env = { OTEL_TRACES_SAMPLER_ARG: '0' };
  const logged = await runLogApp({ script: 'kept-later.mjs', flag: '--import' }, env);
  const { before, inside, after } = linesOf(logged, 'pino');
  const { traceId } = spanOf(logged, 'pino');
  expect([before, inside, after].map((line) => [line?.trace_id, line?.trace_flags])).toEqual([
    [traceId, '00'],
    [traceId, '00'],
    [traceId, '01'],
  ]);
});

test.each([
  ['--import', {}],
  ['--require', {}],
  ['--import', { NODE_OPTIONS: '--import keeptrace/register' }],
] as const)('a transport in a worker thread writes the ids and starts no second tracing: %s, %j', async (flag, env) => {
  const logged = await runLogApp({ script: 'transport.mjs', flag }, env);
  const { inside, after } = linesOf(logged, 'pino');
  const { traceId, spanId } = spanOf(logged, 'pino');
  expect(inside).toMatchObject({ trace_id: traceId, span_id: spanId, trace_flags: '01' });
  expect(after).not.toHaveProperty('trace_id');
  expect(logged.spans).toHaveLength(1);
  expect(logged.stderr).toMatch(/^keeptrace: tracing logs .*\n(keeptrace: first batch accepted.*\n)?$/);
});

test('all that Fastify logs of a request carries the ids of its span', async () => {
  const { lines, spans } = await runLogApp({ script: 'fastify.mjs', flag: '--import' });
  const entry = spans.find(({ kind }) => kind === 'server');
  const ofRequest = lines.filter(({ reqId }) => reqId !== undefined);
  expect(ofRequest.map(({ msg, where, trace_id, span_id }) => [msg ?? where, trace_id, span_id])).toEqual(
    ['incoming request', 'inside', 'request completed'].map((told) => [told, entry?.traceId, entry?.spanId]),
  );
  expect(lines[0]).not.toHaveProperty('trace_id');
});
