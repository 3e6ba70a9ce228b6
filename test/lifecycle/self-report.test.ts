import { describe, expect, test } from 'vitest';
import { lossReasons } from '../../src/lifecycle/loss-reasons.ts';
import { createSelfReport, type SelfReportOptions } from '../../src/lifecycle/self-report.ts';

const refused = { code: 'ECONNREFUSED', what: 'http://c:4318 refuses the connection', fix: 'Start a collector.' };
const key = { code: 'http_401', what: 'http://c:4318 does not accept the credentials (401)', fix: 'Check the key.' };

function reporter(options: SelfReportOptions = {}) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const report = createSelfReport({ write: (line) => lines.push(line), now: () => clock.ms, ...options });
  return { report, lines, clock };
}
const summary = {
  serviceName: 'checkout',
  serviceVersion: '1.4.0',
  environment: 'production',
  sampler: 'parentbased_traceidratio',
  sampleRatio: 0.1,
  exporter: 'otlp' as const,
  endpoint: 'http://127.0.0.1:4318/v1/traces',
  protocol: 'http/protobuf',
  instrumentations: ['http', 'pg'],
};

test('a good run prints two lines', () => {
  const { report, lines } = reporter();
  report.started(summary);
  for (let i = 0; i < 100; i++) report.accepted({ spans: 12, ms: 43.2 });
  report.ended();
  expect(lines).toEqual([
    'keeptrace: tracing checkout 1.4.0 (production): 10 % of new traces to http://127.0.0.1:4318/v1/traces (http/protobuf); instrumented: http, pg\n',
    'keeptrace: first batch accepted, 12 spans in 43 ms\n',
  ]);
});

test('an outage prints its begin, once a minute that it lasts, and its end', () => {
  const { report, lines, clock } = reporter();
  for (; clock.ms < 130_000; clock.ms += 1_000) report.retrying({ failure: refused, waiting: 512 });
  clock.ms = 132_000;
  report.accepted({ spans: 512, ms: 5 });
  report.accepted({ spans: 512, ms: 5 });
  expect(lines).toEqual([
    'keeptrace: not sending: http://c:4318 refuses the connection; 512 spans kept for later, 0 lost. Start a collector.\n',
    'keeptrace: still not sending after 60 s: http://c:4318 refuses the connection; 512 spans kept for later, 0 lost. Start a collector.\n',
    'keeptrace: still not sending after 2 min: http://c:4318 refuses the connection; 512 spans kept for later, 0 lost. Start a collector.\n',
    'keeptrace: first batch accepted, 512 spans in 5 ms\n',
    'keeptrace: accepting again after 2 min, 0 lost\n',
  ]);
});

test('a flapping collector stays within a line a minute for each cause, and one for each end that was announced', () => {
  const { report, lines, clock } = reporter();
  for (; clock.ms < 600_000; clock.ms += 5_000) {
    report.retrying({ failure: refused, waiting: 1 });
    clock.ms += 5_000;
    report.accepted({ spans: 1, ms: 1 });
  }
  expect(lines.filter((line) => line.includes('not sending')).length).toBe(10);
  expect(lines.filter((line) => line.includes('accepting again')).length).toBe(10);
});

test('losses are said at once, summed up for a minute, and never kept back at the end', () => {
  const { report, lines, clock } = reporter();
  for (; clock.ms < 59_000; clock.ms += 1_000) report.rejected({ failure: key, spans: 10, whole: true });
  expect(lines).toEqual([
    'keeptrace: lost 10 spans: http://c:4318 does not accept the credentials (401). Check the key.\n',
  ]);
  report.ended();
  report.ended();
  expect(lines[1]).toBe(
    'keeptrace: lost 580 more spans: http://c:4318 does not accept the credentials (401). Check the key.\n',
  );
  expect(lines).toHaveLength(2);
});

test('the sum of all that is printed is the sum of all that was lost', () => {
  const { report, lines, clock } = reporter();
  let lost = 0;
  for (let i = 0; i < 5_000; i++, clock.ms += 37) {
    const spans = 1 + (i % 3);
    lost += spans;
    if (i % 2) report.rejected({ failure: key, spans, whole: i % 4 === 1 });
    else report.dropped({ reason: 'queue_full', spans, failure: refused });
    if (i % 7 === 0) report.accepted({ spans: 1, ms: 1 });
  }
  report.ended();
  const said = lines.map((line) => Number(/lost ([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '') ?? 0));
  expect(said.reduce((a, b) => a + b, 0)).toBe(lost);
  expect(lines.length).toBeLessThan(2 * 5 + 5);
});

test('a loss during an outage is in the line about its end', () => {
  const { report, lines, clock } = reporter();
  report.retrying({ failure: refused, waiting: 1 });
  report.dropped({ reason: 'queue_full', spans: 1_234, failure: refused });
  clock.ms = 32_000;
  report.accepted({ spans: 1, ms: 1 });
  expect(lines.slice(1)).toEqual([
    'keeptrace: lost 1,234 spans: the export queue is full.\n',
    'keeptrace: first batch accepted, 1 span in 1 ms\n',
    'keeptrace: accepting again after 32 s, 1,234 lost\n',
  ]);
});

test('a partial success is a loss but no outage', () => {
  const { report, lines } = reporter({ lifeLines: true });
  report.accepted({ spans: 93, ms: 1 });
  report.rejected({
    failure: { code: 'partial_success', what: 'c took a part', fix: 'Look.' },
    spans: 7,
    whole: false,
  });
  report.accepted({ spans: 1, ms: 1 });
  expect(lines.join('')).not.toContain('again');
  expect(lines[1]).toBe('keeptrace: lost 7 spans: c took a part. Look.\n');
});

test.each([
  [
    'process_exit',
    'not sent before process.exit(); http://c:4318 refuses the connection. Start a collector. Await initTracing().flush() before it',
  ],
  ['after_shutdown', 'ended after shutdown(). Call shutdown()'],
  ['poison', 'a value that OTLP cannot express. Look for span.end()'],
  ['shutdown_deadline', 'could not be sent before the process ended; http://c:4318 refuses the connection. Start'],
  ['crash', 'not sent before the process crashed; http://c:4318 refuses'],
  ['something new', 'something new; http://c:4318 refuses the connection. Start'],
])('%s is explained', (reason, words) => {
  const { report, lines } = reporter();
  report.dropped({ reason, spans: 2, failure: refused });
  expect(lines[0]).toContain(`lost 2 spans: `);
  expect(lines[0]).toContain(words);
});

test.each(Object.keys(lossReasons))('%s reads well for one span and for many', (reason) => {
  const { report, lines } = reporter();
  report.dropped({ reason, spans: 1 });
  expect(lines[0]).toMatch(/^keeptrace: lost 1 span: .*[^.]\.\n$/);
  expect(lines[0]).not.toMatch(/\b(they|them|were)\b/);
});

test.each([
  [5_000, '5 s'],
  [600, '0.6 s'],
])('a deadline of %i ms that was used up is told with the variable that sets it', (shutdownTimeoutMs, told) => {
  const { report, lines } = reporter({ shutdownTimeoutMs });
  report.dropped({ reason: 'shutdown_deadline', spans: 1, failure: refused, late: true });
  expect(lines).toEqual([
    `keeptrace: lost 1 span: could not be sent within ${told}; http://c:4318 refuses the connection. Start a collector. KEEPTRACE_SHUTDOWN_TIMEOUT_MS gives more time.\n`,
  ]);
});

test('more time is no advice against an answer that would be the same', () => {
  const { report, lines } = reporter();
  const failure = { code: 'ERR_SSL_WRONG_VERSION_NUMBER', what: 'https://c does not speak TLS', fix: 'Write http.' };
  report.dropped({ reason: 'shutdown_deadline', spans: 1, failure, late: true });
  expect(lines).toEqual([
    'keeptrace: lost 1 span: could not be sent within 5 s; https://c does not speak TLS. Write http.\n',
  ]);
});

describe('a cause', () => {
  const drop = { reason: 'shutdown_deadline', spans: 1, failure: refused };

  test('that was just said is not said again with the loss', () => {
    const { report, lines, clock } = reporter();
    report.retrying({ failure: refused, waiting: 1 });
    clock.ms = 59_000;
    report.dropped(drop);
    expect(lines[1]).toBe('keeptrace: lost 1 span: could not be sent before the process ended.\n');
  });

  test('that was said with one loss is not said again with another', () => {
    const { report, lines } = reporter();
    report.dropped({ ...drop, reason: 'queue_full' });
    report.dropped({ ...drop, late: true });
    expect(lines[1]).toBe(
      'keeptrace: lost 1 span: could not be sent within 5 s. KEEPTRACE_SHUTDOWN_TIMEOUT_MS gives more time.\n',
    );
  });

  test.each([
    ['that was said a minute ago', {}, 60_001, refused],
    ['whose first line is switched off', { logLevel: 'error' }, 0, refused],
    ['that has changed meanwhile', {}, 0, { ...refused, what: 'http://c:4318 is another' }],
  ] as const)('%s is said with the loss', (_name, options, ms, failure) => {
    const { report, lines, clock } = reporter(options);
    report.retrying({ failure: refused, waiting: 1 });
    clock.ms = ms;
    report.dropped({ ...drop, failure });
    expect(lines.at(-1)).toContain(`before the process ended; ${failure.what}. Start a collector.`);
  });
});

test('an exporter that invents a new code for every failure is neither remembered nor printed without end', () => {
  const { report, lines, clock } = reporter();
  let lost = 0;
  for (let n = 0; n < 5_000; n++, clock.ms += 10) {
    const failure = { code: `code_${n}`, what: `reason ${n}`, fix: 'Look.' };
    report.rejected({ failure, spans: 3, whole: true });
    report.retrying({ failure, waiting: 1 });
    lost += 3;
  }
  report.ended();
  const said = lines.map((line) => Number(/: lost ([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '') ?? 0));
  expect(said.reduce((a, b) => a + b, 0)).toBe(lost);
  expect(lines.length).toBeLessThan(150);
});

describe('switches', () => {
  const everything = (options: SelfReportOptions) => {
    const { report, lines } = reporter(options);
    report.started(summary);
    report.problems([
      { severity: 'error', message: 'E' },
      { severity: 'warning', message: 'W' },
    ]);
    report.unsendable('baggage');
    report.unsendable('baggage');
    report.retrying({ failure: refused, waiting: 1 });
    report.accepted({ spans: 1, ms: 1 });
    report.dropped({ reason: 'expired', spans: 1 });
    report.ended();
    return lines.map((line) => /^keeptrace: (\w+)/.exec(line)![1]);
  };

  test.each([
    [{}, ['tracing', 'E', 'W', 'the', 'not', 'first', 'accepting', 'lost']],
    [{ logLevel: 'debug' }, ['tracing', 'E', 'W', 'the', 'not', 'first', 'accepting', 'lost']],
    [{ lifeLines: false }, ['E', 'W', 'the', 'not', 'lost']],
    [{ logLevel: 'error' }, ['E', 'lost']],
    [{ logLevel: 'none' }, []],
  ] as [SelfReportOptions, string[]][])('%j', (options, lines) => {
    expect(everything(options)).toEqual(lines);
  });
});

test('a log that throws disturbs nobody', () => {
  const report = createSelfReport({
    write: () => {
      throw new Error('EPIPE');
    },
  });
  expect(() => report.started(summary)).not.toThrow();
});
