import {
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { withOt } from '../../src/sampling/ot-state.ts';
import { createTrust, trustingSampler } from '../../src/sampling/trust.ts';

describe('a peer', () => {
  test.each<[string, 'all' | 'none' | string[], string | undefined, boolean]>([
    ['is listened to under all', 'all', '203.0.113.9', true],
    ['is listened to under all without an address', 'all', undefined, true],
    ['is not listened to under none', 'none', '127.0.0.1', false],
    ['without an address is on no list', ['0.0.0.0/0', '::/0'], undefined, false],
    ['is on the list by address', ['10.1.2.3'], '10.1.2.3', true],
    ['is not on the list', ['10.1.2.3'], '10.1.2.4', false],
    ['is in a range', ['192.168.0.0/16', '10.0.0.0/8'], '10.255.0.1', true],
    ['is beside a range', ['10.0.0.0/8'], '11.0.0.1', false],
    ['is at the edge of an odd range', ['10.0.0.0/12'], '10.15.255.255', true],
    ['is past the edge of an odd range', ['10.0.0.0/12'], '10.16.0.0', false],
    ['is an IPv4 address on a dual-stack socket', ['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    ['is none of the range on a dual-stack socket', ['10.0.0.0/8'], '::ffff:11.0.0.1', false],
    ['is in a range written for mapped addresses', ['::ffff:10.0.0.0/104'], '10.0.0.1', true],
    ['is mapped, as is the range', ['::ffff:10.0.0.0/104'], '::ffff:10.0.0.1', true],
    ['is an IPv6 address', ['2001:db8::1'], '2001:0db8:0:0::1', true],
    ['is in an IPv6 range', ['fd00::/8'], 'fd12:3456::1', true],
    ['is beside an IPv6 range', ['fd00::/8'], 'fc00::1', false],
    ['has a zone', ['fe80::/10'], 'fe80::1%eth0', true],
    ['is IPv4, under every IPv6 address', ['::1/128'], '0.0.0.1', false],
    ['is anyone, by a range of everything', ['0.0.0.0/0'], '203.0.113.9', true],
    ['is no address', ['0.0.0.0/0', '::/0'], 'localhost', false],
    ['meets an empty list', [], '127.0.0.1', false],
    ...['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0', 'localhost', '', '::ffff:10.0.0.0/95'].map(
      (entry): [string, string[], string, boolean] => [`is not admitted by "${entry}"`, [entry], '10.0.0.1', false],
    ),
  ])('%s', (_, rule, address, accepted) => {
    const trust = createTrust(rule);
    expect(trust.acceptsAddress(address)).toBe(accepted);
    // The second answer comes from memory.
    expect(trust.acceptsAddress(address)).toBe(accepted);
  });

  test('keeps its verdict while many others come by', () => {
    const trust = createTrust(['10.0.0.0/24']);
    for (let i = 0; i < 5_000; i += 1) trust.acceptsAddress(`10.${i >> 8}.0.${i & 255}`);
    expect(trust.acceptsAddress('10.0.0.7')).toBe(true);
    expect(trust.acceptsAddress('10.1.0.7')).toBe(false);
  });
});

describe('the flag of a caller', () => {
  const from = (address?: string) => (address === undefined ? {} : { 'network.peer.address': address });
  test.each<[string, 'all' | 'none' | string[], SpanKind, string | undefined, boolean]>([
    ['counts under all', 'all', SpanKind.SERVER, '203.0.113.9', true],
    ['does not count under none', 'none', SpanKind.SERVER, '127.0.0.1', false],
    ['of a message does not count under none', 'none', SpanKind.CONSUMER, undefined, false],
    ['counts from the list', ['127.0.0.1'], SpanKind.SERVER, '127.0.0.1', true],
    ['does not count from elsewhere', ['127.0.0.1'], SpanKind.SERVER, '127.0.0.2', false],
    ['does not count from nowhere', ['127.0.0.1'], SpanKind.SERVER, undefined, false],
    ['of a message that was fetched counts under a list', ['127.0.0.1'], SpanKind.CONSUMER, undefined, true],
  ])('%s', (_, rule, kind, address, accepted) => {
    expect(createTrust(rule).acceptsParent(kind, from(address))).toBe(accepted);
  });

  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const caller = (remote: boolean) =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId,
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
      isRemote: remote,
      traceState: createTraceState('ot=th:0;rv:ffffffffffffff,keeptrace=d:lx0000000,shop=x'),
    });
  /** Says yes with a threshold of its own where a parent says so, and no without a parent. */
  const inner: Sampler = {
    shouldSample(active) {
      const parent = trace.getSpanContext(active);
      return parent === undefined || !isSpanContextValid(parent)
        ? { decision: SamplingDecision.RECORD }
        : { decision: SamplingDecision.RECORD_AND_SAMPLED, traceState: createTraceState('ot=th:8') };
    },
    toString: () => 'inner',
  };
  const ask = (rule: 'all' | 'none' | string[], remote = true, sampler = inner) =>
    trustingSampler(sampler, createTrust(rule)).shouldSample(caller(remote), traceId, 's', SpanKind.SERVER, {}, []);

  test('is what the sampler sees when the caller is trusted', () => {
    expect(ask('all').decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  });

  test('decides nothing otherwise, and the sampling words of the caller go no further', () => {
    const decided = ask('none');
    expect(decided.decision).toBe(SamplingDecision.RECORD);
    expect(decided.traceState?.get('shop')).toBe('x');
    expect(decided.traceState?.get('keeptrace')).toBeUndefined();
    expect(decided.traceState?.get('ot')).toMatch(/^rv:[0-9a-f]{14}$/);
    expect(decided.traceState?.get('ot')).not.toBe(ask('none').traceState?.get('ot'));
  });

  test('is replaced by randomness that the requests of one trace share, and no other trace or process', () => {
    const sampler = trustingSampler(inner, createTrust('none'));
    const of = (id: string, from = sampler) => {
      const context = trace.setSpanContext(caller(true), { ...trace.getSpanContext(caller(true))!, traceId: id });
      return from.shouldSample(context, id, 's', SpanKind.SERVER, {}, []).traceState?.get('ot');
    };
    expect(of(traceId)).toBe(of(traceId));
    expect(of(traceId)).not.toBe(of(traceId.replace('0a', '0b')));
    expect(of(traceId)).not.toBe(of(traceId, trustingSampler(inner, createTrust('none'))));
  });

  test('does not let the caller choose the randomness of our own sampler', () => {
    let seen: string | undefined;
    const looking: Sampler = {
      shouldSample(active) {
        seen = trace.getSpanContext(active)?.traceState?.get('ot');
        return { decision: SamplingDecision.RECORD };
      },
      toString: () => 'looking',
    };
    const decided = ask('none', true, looking);
    expect(seen).toMatch(/^rv:[0-9a-f]{14}$/);
    expect(seen).not.toBe('rv:ffffffffffffff');
    expect(decided.traceState?.get('ot')).toBe(seen);
  });

  test.each([
    ['512 characters', `pad=${'x'.repeat(250)},pad2=${'y'.repeat(245)}`],
    ['32 entries', Array.from({ length: 32 }, (_, n) => `v${n}=1`).join(',')],
  ])('does not let the caller choose it by a state that is full with %s', (_, full) => {
    const entry = `rv:${'0'.repeat(14)}`;
    expect(withOt(createTraceState(full), entry).get('ot')).toBe(entry);
  });

  test('gives way to the words of our own sampler', () => {
    const own: Sampler = {
      shouldSample: () => ({
        decision: SamplingDecision.RECORD_AND_SAMPLED,
        traceState: createTraceState('ot=th:e666'),
      }),
      toString: () => 'own',
    };
    expect(ask('none', true, own).traceState?.serialize()).toBe('ot=th:e666,shop=x');
  });

  test('of a span in this process always counts', () => {
    expect(ask('none', false).decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  });

  test('leaves the rest of the context to the sampler', () => {
    const key = Symbol('k');
    let seen: unknown;
    const looking: Sampler = {
      shouldSample(active) {
        seen = active.getValue(key);
        return { decision: SamplingDecision.RECORD };
      },
      toString: () => 'looking',
    };
    trustingSampler(looking, createTrust('none')).shouldSample(
      caller(true).setValue(key, 1),
      traceId,
      's',
      SpanKind.SERVER,
      {},
      [],
    );
    expect(seen).toBe(1);
    expect(context.active()).toBe(ROOT_CONTEXT);
  });
});
