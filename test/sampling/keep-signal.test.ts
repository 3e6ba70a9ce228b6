import { describe, expect, test } from 'vitest';
import { formatServerTiming, readServerTiming } from '../../src/sampling/keep-signal.ts';
import { cpuMs } from '../support/cpu-time.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const other = '1af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const kept = `00-${traceId}-${spanId}-01`;

test('what is written can be read', () => {
  const header = formatServerTiming({ traceId, spanId });
  expect(header).toBe(`trace;desc=${kept}`);
  expect(readServerTiming(header, traceId)).toBe(true);
});

describe('an answer says that the trace is kept', () => {
  test.each<[string, string | string[]]>([
    ['among other metrics', `db;dur=53, trace;desc=${kept}, app;dur=47.2`],
    ['without spaces', `db;dur=53,trace;desc=${kept},app`],
    ['with spaces and tabs everywhere', `db ; dur = 53 ,\t trace ; desc = ${kept} \t, app`],
    ['quoted', `trace;desc="${kept}"`],
    ['quoted, with something after the quote', `trace;desc="${kept}"x;dur=1`],
    ['after a quoted comma and semicolon', `miss;desc="a, b; trace;desc=x", trace;desc=${kept}`],
    ['after an escaped quote', `miss;desc="a\\", trace", trace;desc="${kept}"`],
    ['with other parameters', `trace;dur=1.5;desc=${kept};x=y`],
    ['with a parameter without a value', `trace;flag;desc=${kept}`],
    ['with an uppercase parameter', `trace;DESC=${kept}`],
    ['after an entry for another trace', `trace;desc=00-${other}-${spanId}-01, trace;desc=${kept}`],
    ['after an entry for this trace that was not kept', `trace;desc=00-${traceId}-${spanId}-00, trace;desc=${kept}`],
    ['in the second of two headers', ['db;dur=53', `trace;desc=${kept}`]],
    ['after nonsense', `;;;=,,=;, trace;desc=${kept}`],
    ['with further flags', `trace;desc=00-${traceId}-${spanId}-03`],
    ['in a later version with more fields', `trace;desc=01-${traceId}-${spanId}-01-more-fields`],
    ['at the very end of what is looked at', `${'a,'.repeat((8192 - kept.length - 11) / 2)}trace;desc=${kept}`],
  ])('%s', (_, value) => {
    expect(readServerTiming(value, traceId)).toBe(true);
  });
});

describe('an answer says nothing', () => {
  test.each<[string, string | string[] | undefined]>([
    ['without the header', undefined],
    ['when it is empty', ''],
    ['in an empty list', []],
    ['about another trace', `trace;desc=00-${other}-${spanId}-01`],
    ['with the flag off', `trace;desc=00-${traceId}-${spanId}-00`],
    ['with only the second flag', `trace;desc=00-${traceId}-${spanId}-02`],
    ['under another name', `tracer;desc=${kept}`],
    ['under an uppercase name', `TRACE;desc=${kept}`],
    ['in another parameter', `trace;dur=${kept}`],
    ['inside a quoted description', `miss;desc="x, trace;desc=${kept}"`],
    ['inside a quote, after an escaped quote', `miss;desc="a\\", trace;desc=${kept}, x"`],
    ['about another trace, with this one elsewhere', `trace;desc=00-${other}-${spanId}-01, x;desc=${traceId}`],
    ['inside a quote that never ends', `miss;desc="x, trace;desc=${kept}`],
    ['in the second description', `trace;desc=x;desc=${kept}`],
    ['in an invalid version', `trace;desc=ff-${traceId}-${spanId}-01`],
    ['with more fields than version 00 has', `trace;desc=${kept}-00`],
    ['without a span', `trace;desc=00-${traceId}-0000000000000000-01`],
    ['with an uppercase span', `trace;desc=00-${traceId}-B7AD6B7169203331-01`],
    ['with short flags', `trace;desc=00-${traceId}-${spanId}-1`],
    ['with flags that are no number', `trace;desc=00-${traceId}-${spanId}-zz`],
    ['as a bare traceparent', kept],
    ['beyond what is looked at', `${'a'.repeat(8190)}, trace;desc=${kept}`],
    ['in the part of a header beyond it', ['a'.repeat(5_000), `${'b'.repeat(5_000)}, trace;desc=${kept}`]],
    ['in a header beyond what is looked at', ['a'.repeat(8192), `trace;desc=${kept}`]],
  ])('%s', (_, value) => {
    expect(readServerTiming(value, traceId)).toBe(false);
  });

  test('whatever it is made of', () => {
    const alphabet = [',', ';', '=', '"', '\\', ' ', 'trace', 'desc', kept, traceId, '-', '01', 'é', '\u0000'];
    let random = 7;
    for (let i = 0; i < 20_000; i += 1) {
      let value = '';
      for (let n = 0; n < 12; n += 1) {
        random = (random * 1103515245 + 12345) & 0x7fffffff;
        value += alphabet[(random >> 8) % alphabet.length];
      }
      // Never throws; and only the sound word for this trace is ever taken for one.
      if (readServerTiming(value, traceId)) expect(value).toContain(kept);
      expect(readServerTiming(value, other)).toBe(false);
    }
  });

  test('in a time that does not grow faster than the text', () => {
    const worst = ['"', ';', ',', '=', ' ', 'trace;desc="', `trace;desc=${traceId}`];
    const all = () => {
      for (const piece of worst) readServerTiming(traceId + piece.repeat(1_000_000 / piece.length), traceId);
    };
    expect(cpuMs(all)).toBeLessThan(500);
  });
});
