import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { summaryOf } from '../../../src/cli/dev/summary.ts';
import type { ReceivedSpan } from '../../../src/receiver/received-span.ts';
import { createHeadSampler } from '../../../src/sampling/head-sampler.ts';
import { span, traceIdOf } from './rig.ts';

const policy = { ratio: 0.1, slowMs: 1000 };

function judge(spans: ReceivedSpan[], over = {}) {
  const held = { traceId: spans[0]!.traceId, spans: new Map(spans.map((one) => [one.spanId, one])), bytes: 0, seq: 1 };
  const { error, slow, verdict } = summaryOf(held, { ...policy, ...over });
  return { error, slow, ...verdict };
}
const reason = (word: string, more = {}) => ({ attributes: { 'keeptrace.reason': word, ...more } });
const server = { kind: 'server' as const };
const http = (status: number, kind: ReceivedSpan['kind']) => ({
  kind,
  status: { code: 'error' as const, message: '' },
  attributes: { 'http.response.status_code': status },
});

describe('production keeps', () => {
  test.each<[string, ReceivedSpan[], string, string]>([
    [
      'an error, by the rules of the sampler',
      [span({ id: 'a' }), span({ id: 'b', parent: 'a', service: 'payments', over: http(503, 'client') })],
      'error',
      'an error in payments',
    ],
    [
      'an exception',
      [
        span({
          id: 'a',
          over: { events: [{ name: 'exception', timeUnixNano: 0n, attributes: {}, droppedAttributesCount: 0 }] },
        }),
      ],
      'error',
      'an error in shop',
    ],
    ['a slow request', [span({ id: 'a', ms: 2400, over: server })], 'slow', 'slow, 2.40 s > 1 s'],
    [
      'a request that is slow in a service further down',
      [
        span({ id: 'a', ms: 90 }),
        span({ id: 'b', parent: 'a', service: 'worker', ms: 1200, over: { kind: 'consumer' } }),
      ],
      'slow',
      'slow, 1.20 s > 1 s',
    ],
    [
      'an error before a slow request',
      [span({ id: 'a', ms: 2400, over: http(500, 'server') })],
      'error',
      'an error in shop',
    ],
    [
      'what the application kept by hand',
      [span({ id: 'a', over: reason('manual', { 'keeptrace.manual': 'large order' }) })],
      'manual',
      'keepTrace("large order")',
    ],
    [
      'what it kept by hand without a word',
      [span({ id: 'a', over: reason('manual') })],
      'manual',
      'keepTrace() was called',
    ],
    [
      'what is slow by a limit of its own',
      [span({ id: 'a', ms: 300, over: reason('slow') })],
      'slow',
      'slow by its own limit',
    ],
    [
      'what another service kept',
      [span({ id: 'a', over: reason('response') })],
      'response',
      'a service that it called kept it',
    ],
    [
      'the most telling of several reasons',
      [span({ id: 'a', over: reason('response') }), span({ id: 'b', parent: 'a', over: reason('error') })],
      'error',
      'an error',
    ],
    [
      'what the head keeps',
      [span({ trace: traceIdOf(1, 'f'), id: 'a' })],
      'head',
      'among the 10 % of the normal traffic',
    ],
    [
      'what the head keeps by randomness that a caller said',
      [span({ id: 'a', over: { traceState: 'x=1,ot=th:0;rv:ffffffffffffff' } })],
      'head',
      'among the 10 % of the normal traffic',
    ],
  ])('%s', (_, spans, word, why) => {
    expect(judge(spans)).toMatchObject({ kept: true, reason: word, text: `production keeps it: ${why}` });
  });
});

test('an error is told of the service where it began, not of those that handed it on', () => {
  const text = (spans: ReceivedSpan[]) => judge(spans).text;
  const chain = [
    span({ id: 'a', over: http(502, 'server') }),
    span({ id: 'h', parent: 'a' }),
    span({ id: 'b', parent: 'h', over: http(503, 'client') }),
    span({ id: 'c', parent: 'b', service: 'payments', over: http(503, 'server') }),
    span({ id: 'd', parent: 'c', service: 'ledger' }),
    span({ id: 'e', parent: 'h', at: 5, service: 'mailer', over: http(500, 'server') }),
  ];
  expect(text(chain)).toBe('production keeps it: an error in payments');
  expect(text(chain.toReversed())).toBe('production keeps it: an error in payments');
  const circle = [
    span({ id: 'a', parent: 'b', over: http(500, 'server') }),
    span({ id: 'b', parent: 'a', over: http(500, 'server') }),
  ];
  expect(text(circle)).toBe('production keeps it: an error in shop');
});

describe('production would drop', () => {
  test.each<[string, ReceivedSpan[]]>([
    ['a normal trace', [span({ id: 'a' })]],
    ['a 404 that a client got', [span({ id: 'a', over: http(404, 'client') })]],
    [
      'a slow query in a quick request',
      [span({ id: 'a' }), span({ id: 'b', parent: 'a', ms: 1500, over: { kind: 'client' } })],
    ],
    [
      'a long wait for messages',
      [span({ id: 'a', ms: 20_000, over: { attributes: { 'messaging.operation.type': 'receive' } } })],
    ],
    ['one that took less than the limit', [span({ id: 'a', ms: 999.9, over: server })]],
    [
      'what only goes on for long',
      [span({ id: 'a', ms: 90 }), span({ id: 'b', parent: 'a', at: 5000, ms: 80, over: { kind: 'consumer' } })],
    ],
  ])('%s', (_, spans) => {
    expect(judge(spans)).toEqual({
      error: false,
      slow: false,
      kept: false,
      reason: 'dropped',
      text: 'production would drop it: 10 % of the normal traffic is kept',
    });
  });
});

test('a remote parent makes a span an entry, and a local one does not', () => {
  const slow = { ms: 1500, parent: 'gone' } as const;
  expect(judge([span({ id: 'a', ...slow, over: { flags: 0x301 } })])).toMatchObject({ slow: true });
  expect(judge([span({ id: 'a', ...slow, over: { flags: 0x101 } })])).toMatchObject({ slow: false });
  expect(judge([span({ id: 'a', ...slow })])).toMatchObject({ slow: true });
  // Without the bits that tell, a request that a service makes of itself is one all the same.
  const own = (kind: 'server' | 'internal') => [
    span({ id: 'root' }),
    span({ id: 'a', ms: 1500, parent: 'root', over: { kind } }),
  ];
  expect([judge(own('server')).slow, judge(own('internal')).slow]).toEqual([true, false]);
});

test('the limits are those that were given', () => {
  expect(judge([span({ id: 'a', ms: 600 })], { slowMs: 500 })).toMatchObject({
    slow: true,
    text: 'production keeps it: slow, 600 ms > 500 ms',
  });
  expect(judge([span({ id: 'a' })], { ratio: 0.005 })).toMatchObject({
    text: 'production would drop it: 0.5 % of the normal traffic is kept',
  });
  expect(judge([span({ id: 'a' })], { ratio: 1 })).toMatchObject({ reason: 'head', kept: true });
});

test('the head decides as the sampler of the product does, trace by trace', () => {
  const sampler = createHeadSampler('parentbased_traceidratio', 0.1);
  let kept = 0;
  for (let n = 0; n < 2000; n++) {
    const trace = Buffer.from(Array.from({ length: 16 }, (_, at) => (n * 2654435761 * (at + 1)) >>> 13)).toString(
      'hex',
    );
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, trace, 'a', SpanKind.SERVER, {}, []);
    const ours = judge([span({ trace, id: 'a' })]).kept;
    expect([trace, ours]).toEqual([trace, decision !== 0]);
    if (ours) kept += 1;
  }
  expect(kept).toBeGreaterThan(50);
});
