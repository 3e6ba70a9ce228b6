import { expect, test } from 'vitest';
import { countOf, durationOf, formatLine } from '../../src/lifecycle/line.ts';
import { startSentence } from '../../src/lifecycle/start-sentence.ts';

test('what a terminal would obey is taken out', () => {
  expect(formatLine('a\u001b]52;c;ZXZpbA==\u0007b\r\nc\u202ed\u2028e\u009b1m')).toBe(
    'keeptrace: a ]52;c;ZXZpbA== b c d e 1m\n',
  );
});

test.each(['x'.repeat(5_000), 'ü'.repeat(5_000), '漢'.repeat(5_000), '😀'.repeat(5_000)])(
  'a line has at most 512 bytes and no half character: %#',
  (text) => {
    const line = formatLine(text);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(512);
    expect(Buffer.byteLength(line)).toBeGreaterThan(500);
    expect(line).toMatch(/^keeptrace: .*…\n$/u);
    expect(line).not.toContain('\ufffd');
  },
);

test('numbers read well', () => {
  expect([0, 1, 999, 1_000, 12_345, 1_234_567].map((n) => countOf(n, 'span'))).toEqual([
    '0 spans',
    '1 span',
    '999 spans',
    '1,000 spans',
    '12,345 spans',
    '1,234,567 spans',
  ]);
  expect([0, 950, 32_000, 119_000, 120_000, 600_000].map(durationOf)).toEqual([
    '1 s',
    '1 s',
    '32 s',
    '119 s',
    '2 min',
    '10 min',
  ]);
});

const base = {
  serviceName: 's',
  sampler: 'parentbased_traceidratio',
  sampleRatio: 0.1,
  exporter: 'otlp' as const,
  endpoint: 'http://c/v1/traces',
  protocol: 'http/json',
  instrumentations: [],
};

test.each([
  [{}, 'tracing s: 10 % of new traces to http://c/v1/traces (http/json); instrumented: nothing'],
  [{ sampleRatio: 1 }, 'tracing s: all new traces'],
  [{ keepErrors: true, slowMs: 1_500 }, 'tracing s: 10 % of new traces, every error, all slower than 1.5 s to'],
  [{ keepErrors: false, slowMs: 250 }, 'tracing s: 10 % of new traces, all slower than 250 ms to'],
  [{ sampleRatio: 0, keepErrors: true }, 'tracing s: none of the new traces, every error to'],
  [{ sampleRatio: 1, keepErrors: true, slowMs: 1_000 }, 'tracing s: all new traces to'],
  [{ sampleRatio: 0 }, 'tracing s: none of the new traces'],
  [{ sampler: 'traceidratio', sampleRatio: 0.0005 }, 'tracing s: 0.05 % of traces'],
  [{ sampler: 'always_on' }, 'tracing s: all traces'],
  [{ sampler: 'parentbased_always_off' }, 'tracing s: none of the new traces'],
  [{ exporter: 'none' as const }, 'recorded and propagated, none exported'],
  [{ exporter: 'console' as const }, 'traces to the console'],
  [{ spanExporter: {} }, 'traces to the span exporter given in code'],
  [{ endpoint: 'https://user:secret@c:4318/v1/traces?key=secret#x' }, 'traces to https://c:4318/v1/traces ('],
  [{ endpoint: 'c:4317', protocol: 'grpc' }, 'traces to c://'],
])('the start line tells %j', (over, words) => {
  const sentence = startSentence({ ...base, ...over });
  expect(sentence).toContain(words);
  expect(sentence).not.toContain('secret');
});
