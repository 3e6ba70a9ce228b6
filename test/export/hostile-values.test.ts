// Values an app can put into a span that the serializers or a collector choke on: each may cost its own span, no other.
import type { Attributes, Link, Span, SpanStatus, TimeInput } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { closeRigs, createRig } from './rig.ts';

afterEach(closeRigs);

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const throwing = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('trap');
      },
      ownKeys() {
        throw new Error('trap');
      },
    },
  );
/** What TypeScript would refuse and JavaScript does not. */
const as = <T>(value: unknown) => value as T;
const attribute = (value: unknown) => (span: Span) => void span.setAttribute('a', as<string>(value));

const cases: Record<string, (span: Span) => void> = {
  'end(NaN)': (span) => span.end(Number.NaN),
  'end(invalid date)': (span) => span.end(new Date('x')),
  'end(Infinity)': (span) => span.end(Number.POSITIVE_INFINITY),
  'end(negative)': (span) => span.end(-1),
  'end(text)': (span) => span.end(as<TimeInput>('yesterday')),
  'end([NaN, NaN])': (span) => span.end([Number.NaN, Number.NaN]),
  'end([1.5, -3])': (span) => span.end([1.5, -3]),
  'name: bigint': (span) => void span.updateName(as<string>(5n)),
  'name: symbol': (span) => void span.updateName(as<string>(Symbol('name'))),
  'name: undefined': (span) => void span.updateName(as<string>(undefined)),
  'name: null': (span) => void span.updateName(as<string>(null)),
  'name: object': (span) => void span.updateName(as<string>({})),
  'name: cyclic': (span) => void span.updateName(as<string>(cyclic)),
  'name: lone surrogate': (span) => void span.updateName('\ud800'),
  'name: 1 MB': (span) => void span.updateName('n'.repeat(1_000_000)),
  'event attribute: bigint': (span) => void span.addEvent('e', { a: as<string>(1n) }),
  'event attribute: cyclic': (span) => void span.addEvent('e', { a: as<string>(cyclic) }),
  'event attribute: symbol': (span) => void span.addEvent('e', { a: as<string>(Symbol('s')) }),
  'event name: bigint': (span) => void span.addEvent(as<string>(1n)),
  'event name: object': (span) => void span.addEvent(as<string>({})),
  'event time: NaN': (span) => void span.addEvent('e', Number.NaN),
  'event time: text': (span) => void span.addEvent('e', {}, as<TimeInput>('now')),
  'link: ids of wrong types': (span) => void span.addLink(as<Link>({ context: { traceId: 5, spanId: null } })),
  'link: no context': (span) => void span.addLink(as<Link>({})),
  'link: odd ids': (span) => void span.addLink(as<Link>({ context: { traceId: 'xyz', spanId: 'é', traceFlags: 'a' } })),
  'link: state that throws': (span) =>
    void span.addLink(
      as<Link>({
        context: {
          traceId: '1'.repeat(32),
          spanId: '2'.repeat(16),
          traceState: {
            serialize() {
              throw new Error('state');
            },
          },
        },
      }),
    ),
  'link attribute: bigint': (span) =>
    void span.addLink(
      as<Link>({ context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16) }, attributes: { a: 1n } }),
    ),
  'link: null': (span) => void span.addLink(as<Link>(null)),
  'status: null': (span) => void span.setStatus(as<SpanStatus>(null)),
  'status: text': (span) => void span.setStatus(as<SpanStatus>({ code: 'ERROR', message: 5n })),
  'status message: cyclic': (span) => void span.setStatus(as<SpanStatus>({ code: 2, message: cyclic })),
  'attribute: bigint': attribute(1n),
  'attribute: symbol': attribute(Symbol('s')),
  'attribute: function': attribute(() => 1),
  'attribute: NaN': attribute(Number.NaN),
  'attribute: Infinity': attribute(Number.NEGATIVE_INFINITY),
  'attribute: 2^70': attribute(2 ** 70),
  'attribute: -0': attribute(-0),
  'attribute: date': attribute(new Date('x')),
  'attribute: map and set': attribute(new Map([[1, new Set([2])]])),
  'attribute: cyclic': attribute(cyclic),
  'attribute: cyclic array': attribute([cyclic, [cyclic]]),
  'attribute: nested 2,000 deep': attribute(nested(2_000)),
  'attribute: proxy that throws': attribute(throwing()),
  'attribute: getter that throws': attribute({
    get a() {
      throw new Error('getter');
    },
  }),
  'attribute: toJSON that throws': attribute({
    toJSON() {
      throw new Error('toJSON');
    },
  }),
  'attribute: buffer': attribute(Buffer.from('bytes')),
  'attribute: 100,000 elements': attribute(Array.from({ length: 100_000 }, (_, i) => i)),
  'attribute: holes and mixed': attribute(Object.assign(Array(3), [undefined, 1, 'a', null, {}], { length: 9 })),
  'attribute: lone surrogate': attribute('\udc00'),
  'attribute: NUL and escapes': attribute('\0\u001b[31m\u2028'),
  'attribute: 3 MB': attribute('x'.repeat(3_000_000)),
  'attribute key: __proto__': (span) => void span.setAttribute('__proto__', as<string>({ polluted: true })),
  'attribute key: constructor': (span) => void span.setAttribute('constructor', 'x'),
  'attribute key: empty': (span) => void span.setAttribute('', 'x'),
  'attribute key: symbol': (span) => void span.setAttribute(as<string>(Symbol('k')), 'x'),
  'attribute key: lone surrogate': (span) => void span.setAttribute('\ud83d', 'x'),
  'attributes: 100,000 keys': (span) =>
    void span.setAttributes(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))),
  'attributes: getter that throws': (span) =>
    void span.setAttributes(
      as<Attributes>({
        get a() {
          throw new Error('getter');
        },
      }),
    ),
  'exception: getter that throws': (span) =>
    void span.recordException({
      get message(): string {
        throw new Error('getter');
      },
    }),
  'exception: null': (span) => void span.recordException(as<Error>(null)),
  'exception: bigint': (span) => void span.recordException(as<Error>({ name: 1n, message: 2n, stack: 3n })),
};

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test.each(Object.entries(cases))('%s costs at most its own span', async (_name, harm) => {
    const { collector, pipeline, tracer, spans, balance } = await createRig({
      otlp: { protocol },
      pipeline: { batchDelayMs: 1e6 },
    });
    spans(10);
    const span = tracer.startSpan('hostile');
    try {
      harm(span);
    } catch (error) {
      // The API itself may throw at such a call; that is between the app and OpenTelemetry, as long as we are not in it.
      expect((error as Error).stack).not.toContain('/src/export/');
    }
    if (span.isRecording()) span.end();
    spans(10);
    await pipeline.flush(5_000);

    const { accepted, dropped, rejected } = balance();
    expect(accepted + (dropped.poison ?? 0)).toBe(21);
    expect(rejected).toBe(0);
    const good = [...collector.acked.keys()].filter((name) => name.startsWith('span '));
    expect(good).toHaveLength(20);
    expect(collector.undecodable).toBe(0);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
