import { expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

const resolve = (env: Record<string, string>, options?: TracingOptions) =>
  resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env }, options });

const none = { dir: undefined, maxMb: 64, mode: 'overflow', sync: 'never' };

test('there is no spool unless a folder is named', () => {
  expect(resolve({}).settings.spool).toEqual(none);
});

test('the variables set its parts', () => {
  const env = {
    KEEPTRACE_SPOOL_DIR: '/var/spool/keeptrace',
    KEEPTRACE_SPOOL_MB: '256',
    KEEPTRACE_SPOOL_MODE: 'Write-Ahead',
    KEEPTRACE_SPOOL_SYNC: 'always',
  };
  const { settings, problems } = resolve(env);
  expect(settings.spool).toEqual({ dir: '/var/spool/keeptrace', maxMb: 256, mode: 'write-ahead', sync: 'always' });
  expect(problems).toEqual([]);
});

test.each<[TracingOptions['spool'], object]>([
  ['/var/spool/kt', { ...none, dir: '/var/spool/kt' }],
  [{ dir: '/var/spool/kt' }, { ...none, dir: '/var/spool/kt' }],
  [
    { dir: '/var/spool/kt', maxMb: 8, mode: 'write-ahead' },
    { ...none, dir: '/var/spool/kt', maxMb: 8, mode: 'write-ahead' },
  ],
])('the option %j is accepted', (spool, expected) => {
  const { settings, problems } = resolve({}, { spool });
  expect(settings.spool).toEqual(expected);
  expect(problems).toEqual([]);
});

test('code wins part by part', () => {
  const { settings } = resolve({ KEEPTRACE_SPOOL_DIR: '/env', KEEPTRACE_SPOOL_MB: '9' }, { spool: { dir: '/code' } });
  expect(settings.spool).toMatchObject({ dir: '/code', maxMb: 9 });
});

test.each([
  ['KEEPTRACE_SPOOL_DIR', 'true', 'KT_BAD_PATH', 'KEEPTRACE_SPOOL_DIR=/var/spool/keeptrace'],
  ['KEEPTRACE_SPOOL_DIR', './spool', 'KT_BAD_PATH', 'KEEPTRACE_SPOOL_DIR=/var/spool/keeptrace'],
  ['KEEPTRACE_SPOOL_MB', '0', 'KT_OUT_OF_RANGE', 'KEEPTRACE_SPOOL_MB=64'],
  ['KEEPTRACE_SPOOL_MB', '64MB', 'KT_NOT_A_NUMBER', 'KEEPTRACE_SPOOL_MB=64'],
  ['KEEPTRACE_SPOOL_MODE', 'wal', 'KT_UNKNOWN_VALUE', 'KEEPTRACE_SPOOL_MODE=write-ahead'],
  ['KEEPTRACE_SPOOL_SYNC', 'true', 'KT_UNKNOWN_VALUE', 'KEEPTRACE_SPOOL_SYNC=always'],
])('%s=%s is told with the way out, and the default is used', (name, text, code, write) => {
  const { settings, problems } = resolve({ [name]: text });
  expect(settings.spool).toEqual(none);
  expect(problems).toMatchObject([{ code, severity: 'warning' }]);
  expect(problems[0]!.message.endsWith(`Write: ${write}`)).toBe(true);
});

test.each<[Record<string, string>, TracingOptions | undefined, string]>([
  [{ KEEPTRACE_SPOOL_MB: '128' }, undefined, 'Write: KEEPTRACE_SPOOL_DIR=/var/spool/keeptrace'],
  [{ KEEPTRACE_SPOOL_MODE: 'write-ahead' }, undefined, 'Write: KEEPTRACE_SPOOL_DIR=/var/spool/keeptrace'],
  [{}, { spool: { maxMb: 128 } }, "Write: dir: '/var/spool/keeptrace'"],
])('a part without a folder is told to have no effect: %j %j', (env, options, write) => {
  const { problems } = resolve(env, options);
  expect(problems).toMatchObject([{ code: 'KT_NO_EFFECT', severity: 'warning' }]);
  expect(problems[0]!.message).toContain(write);
});
