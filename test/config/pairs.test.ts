import { describe, expect, test } from 'vitest';
import { readPairs } from '../../src/config/pairs.ts';

type Row = [raw: string, value: Record<string, string> | undefined, whys: RegExp[]];

const attributes: Row[] = [
  ['a=1,b=2', { a: '1', b: '2' }, []],
  [' a = 1 , b=2 ,', { a: '1', b: '2' }, []],
  ['a=', { a: '' }, []],
  ['a=1%2C2%3D3%25', { a: '1,2=3%' }, []],
  ['key%20with%20space=v', { 'key with space': 'v' }, []],
  ['a=1,a=2', { a: '2' }, []],
  ['a=1,c', { a: '1' }, [/entry 2, which is not key=value/]],
  ['a=1,=2', { a: '1' }, [/which is not key=value/]],
  ['a=b=c', { a: 'b=c' }, [/entry 1 \(a\) with a second = that should be %3D/]],
  ['a=100%,b=2', { a: '100%', b: '2' }, [/entry 1 \(a\) with a % that is no escape/]],
  ['nonsense', undefined, [/entry 1/]],
  [`a=${'x'.repeat(300)}`, { a: 'x'.repeat(300) }, []],
];

test.each(attributes)('attributes %s', (raw, value, whys) => {
  const reading = readPairs(raw, 'attribute');
  expect(reading.value).toEqual(value);
  expect(reading.faults).toHaveLength(whys.length);
  for (const [index, why] of whys.entries()) expect(reading.faults[index]!.why).toMatch(why);
});

const headers: Row[] = [
  ['a=1,B=2', { a: '1', b: '2' }, []],
  ['authorization=Bearer abc123==', { authorization: 'Bearer abc123==' }, []],
  ['authorization=Bearer%20abc123%3D', { authorization: 'Bearer abc123=' }, []],
  ['authorization=Basic dTpw', { authorization: 'Basic dTpw' }, []],
  ['a=1%2C2', { a: '1,2' }, []],
  ['a=b;c,d=1', { a: 'b;c', d: '1' }, [/entry 1 with a ; at which other/]],
  ['a=b%3Bc', { a: 'b;c' }, []],
  ['a=100%,d=1', { a: '100%', d: '1' }, [/entry 1 with a % that is no escape/]],
  ['a=x%0d%0ay: z,d=1', { d: '1' }, [/entry 1 with a line break/]],
  ['a=x\r\ny: z,d=1', { d: '1' }, [/entry 1 with a line break/]],
  ['d=1,a=\u4e2d', { d: '1' }, [/entry 2 with a line break or another/]],
  ['a=caf\u00e9', { a: 'caf\u00e9' }, []],
  ['d=1,secret', { d: '1' }, [/entry 2, which is not name=value/]],
  ['d=1,secret=', { d: '1' }, [/entry 2 without a value/]],
  ['Bearer secret=x,d=1', { d: '1' }, [/entry 1 with a name that is no header name/]],
  ['Content-Type=text/plain,d=1', { d: '1' }, [/sets content-type, which belongs to the exporter/]],
  ['secret', undefined, [/entry 1/]],
];

describe('headers', () => {
  test.each(headers)('%j', (raw, value, whys) => {
    const reading = readPairs(raw, 'header');
    expect(reading.value).toEqual(value);
    expect(reading.faults).toHaveLength(whys.length);
    for (const [index, why] of whys.entries()) expect(reading.faults[index]!.why).toMatch(why);
    expect(JSON.stringify(reading.faults)).not.toContain('secret');
  });

  test('a line break at the end, as secret files have it, is dropped with the surrounding space', () => {
    expect(readPairs('authorization=Bearer abc\n', 'header')).toEqual({
      value: { authorization: 'Bearer abc' },
      faults: [],
    });
  });
});
