import { describe, expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { rowGroups, settingVariables } from '../../src/config/rows.ts';

/** mulberry32: the same texts in every run. */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  ...'http:// https:// : / // \\ @ ? # [ ] %00 %zz %0d%0a , ; = "'.split(' '),
  ...["'", ' ', '\n', '\u001b[31m', '\u2028', '\ud800', '\u0000', '-', '.', '*', 'e', '9', '0', '1', 'none', 'true'],
  ...[
    'localhost',
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    '4318',
    '/v1/traces',
    'a=b',
    '__proto__',
    'constructor',
    'otlp',
  ],
];

test('whatever the environment holds, settings come out, each problem on one line', () => {
  const next = random(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const text = () => Array.from({ length: Math.floor(next() * 7) }, () => pick(PIECES)).join('');
  const variables = [...settingVariables, 'NODE_ENV', 'OTEL_CONFIG_FILE', 'OTEL_METRICS_EXPORTER', 'OTEL_NONSENSE'];
  for (let round = 0; round < 1500; round++) {
    const env = Object.fromEntries(Array.from({ length: 8 }, () => [pick(variables), text()]));
    const { settings, problems, usable } = resolveSettings({ env, unreadable: () => 'ENOENT' });
    for (const { message } of problems) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(message).not.toMatch(/[\u0000-\u001f\u2028\u2029]/);
      expect(message.length).toBeLessThan(900);
    }
    expect(settings.endpoint === '').toBe(!URL.canParse(settings.endpoint));
    if (usable && settings.exporter === 'otlp') expect(settings.endpoint).toMatch(/^https?:\/\/[^@]+$/);
    expect(settings.sampleRatio).toBeGreaterThanOrEqual(0);
    expect(settings.sampleRatio).toBeLessThanOrEqual(1);
    expect(settings.batchSize).toBeLessThanOrEqual(settings.queueSize);
    expect(JSON.stringify({})).toBe('{}');
  }
});

test('whatever the options are, they are refused and nothing is thrown', () => {
  const values = [
    null,
    0,
    -1,
    Number.NaN,
    '',
    'x',
    [],
    [null],
    {},
    { a: null },
    () => {},
    Symbol('s'),
    10n,
    new Date(),
  ];
  const names = [
    ...rowGroups.flatMap(({ rows }) => rows.map(({ option }) => option)),
    'spanLimits',
    'spool',
    'spanExporter',
    'nonsense',
  ];
  for (const name of names) {
    for (const value of values) {
      const options = { [name]: value } as unknown as TracingOptions;
      expect(() => resolveSettings({ env: {}, options }), `${name}: ${String(value)}`).not.toThrow();
    }
  }
});

describe('a very long text costs no time', () => {
  const long = ['<', ' x', '%', '@', 'a=', '=', ',', '9', '_', '/v1/traces', '\\', '?', '"'].map((piece) =>
    piece.repeat(100_000 / piece.length),
  );

  test.each(long.map((text) => [text.slice(0, 10), text]))('%s…', (_, text) => {
    const env = Object.fromEntries(settingVariables.map((name) => [name, text]));
    const started = performance.now();
    resolveSettings({ env: { ...env, [`OTEL_${text}`]: text } });
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
