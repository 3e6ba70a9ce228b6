import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromXRayHeader, ownXRayContext, toXRayHeader } from '../../src/messaging/xray-header.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const plain = `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${spanId};Sampled=1`;
const marked = `${plain};Keeptrace=${spanId}-1`;

test('ids and the sampled flag go there and back, 20,000 times', () => {
  for (let i = 0; i < 20_000; i += 1) {
    const context = {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: i % 2,
    };
    const header = toXRayHeader(context);
    expect(fromXRayHeader(header)).toEqual({ ...context, isRemote: true });
    expect(ownXRayContext(header)).toEqual({ ...context, isRemote: true });
  }
});

test('the header is that of the X-Ray propagator and a field of ours; the random flag of W3C has no place in it', () => {
  expect(toXRayHeader({ traceId, spanId, traceFlags: 3 })).toBe(marked);
  expect(toXRayHeader({ traceId, spanId, traceFlags: 2 })).toBe(marked.replaceAll('1;K', '0;K').replace(/1$/, '0'));
});

test.each([
  [
    'Lineage is kept, the fields of ours are not',
    'Root=1-0-0;Lineage=1:abc:0;Parent=1;sampled=0;KEEPTRACE=53995c3f42cd8ad8-0',
    ';Lineage=1:abc:0',
  ],
  ['fields keep their order, blanks around them go', ' Self=1-2-3 ; Lineage=x', ';Self=1-2-3;Lineage=x'],
  ['what is no field, or no ASCII, is left out', ';;=;nothing;=1;a=b c;x=é;y=\r\nz;k=v', ';k=v'],
  ['a field too long is left out, a later one is not', `a=${'x'.repeat(200)};b=1`, ';b=1'],
  ['as much as 256 characters take', `a=${'x'.repeat(253 - marked.length)}`, `;a=${'x'.repeat(253 - marked.length)}`],
  ['not one more', `a=${'x'.repeat(254 - marked.length)}`, ''],
  ['a carry-over without end is not looked at', `a=1;b=${'x'.repeat(3_000)}`, ''],
  ['no text', 7 as unknown as string, ''],
])('carried over: %s', (_, carryOver, rest) => {
  expect(toXRayHeader({ traceId, spanId, traceFlags: 1 }, carryOver)).toBe(marked + rest);
});

test('a context that is not valid makes no header', () => {
  expect(toXRayHeader({ traceId: '0'.repeat(32), spanId, traceFlags: 1 }, 'Lineage=1')).toBe('');
  expect(toXRayHeader({ traceId, spanId: '', traceFlags: 1 })).toBe('');
});

test.each([
  ['without a Parent', plain.replace(/;Parent=[^;]*/, '')],
  ['with a Parent of zeros', plain.replace(spanId, '0'.repeat(16))],
  ['with a Root of zeros', `Root=1-${'0'.repeat(8)}-${'0'.repeat(24)};Parent=${spanId};Sampled=1`],
  ['of version 2', plain.replace('Root=1', 'Root=2')],
  ['with letters that are no hex', plain.replace('0af', 'zaf')],
  ['with one digit less', plain.replace('319c', '319')],
  ['with one digit more', plain.replace('319c', '319cc')],
  ['that is empty', ''],
  ['without end', `${plain};a=${'x'.repeat(3_000)}`],
  ['that is none', undefined],
  ['that is an object', { toString: () => plain } as unknown as string],
])('no context from a header %s', (_, header) => {
  expect(fromXRayHeader(header)).toBeUndefined();
});

test.each([
  ['missing', plain.replace(';Sampled=1', ''), 0],
  ['a question', plain.replace('Sampled=1', 'Sampled=?'), 0],
  ['1 after 0, of which the first counts', plain.replace('Sampled=1', 'Sampled=0;Sampled=1'), 0],
  [
    '1, in any order and case, with blanks',
    `sampled=1 ; PARENT = ${spanId.toUpperCase()}; root=1-0AF76519-16cd43dd8448eb211c80319c`,
    1,
  ],
])('Sampled is %s', (_, header, traceFlags) => {
  expect(fromXRayHeader(header)).toEqual({ traceId, spanId, traceFlags, isRemote: true });
});

test.each([
  ['of somebody else', plain],
  ['with a mark of nothing', `${plain};Keeptrace=`],
  ['with a mark without the flag', `${plain};Keeptrace=${spanId}`],
  ['with another flag', `${plain};Keeptrace=${spanId}-2`],
  ['with a mark too long', `${plain};Keeptrace=${spanId}0-1`],
  ['with a mark of zeros', `${plain};Keeptrace=${'0'.repeat(16)}-1`],
  ['with a mark and no Root', `Parent=${spanId};Keeptrace=${spanId}-1`],
  ['that is none', undefined],
])('a header %s is not ours', (_, header) => {
  expect(ownXRayContext(header)).toBeUndefined();
});

test('a mark counts in any case and place, and more than what stands beside it', () => {
  const header = `keeptrace=${spanId.toUpperCase()}-0;${plain.replace(spanId, '53995c3f42cd8ad8')}`;
  expect(ownXRayContext(header)).toEqual({ traceId, spanId, traceFlags: 0, isRemote: true });
  // Without a Parent, which is what a service may leave of a header.
  expect(ownXRayContext(header.replace(/Parent=[^;]*;/, ''))?.spanId).toBe(spanId);
});
