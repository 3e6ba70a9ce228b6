// What an app can give to a span that nobody expects, from JavaScript or through a cast.
import type {
  Attributes,
  Context,
  Link,
  Span,
  SpanKind,
  SpanOptions,
  SpanStatus,
  TimeInput,
  Tracer,
} from '@opentelemetry/api';

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
};
const wide = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i]));
function web(): unknown {
  const map: Record<string, unknown> = {};
  for (let i = 0; i < 20; i++) map[`self${i}`] = map;
  return map;
}
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

export const cases: Record<string, (span: Span) => void> = {
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
  'attribute: nested 20,000 deep': attribute(nested(20_000)),
  'attribute: 200,000 keys': attribute(wide(200_000)),
  'attribute: what refers to itself 20 times': attribute(web()),
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
  'attributes: 100,000 keys': (span) => void span.setAttributes(wide(100_000)),
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
  'exception: symbol': (span) => void span.recordException(as<Error>(Symbol('s'))),
  'exception: proxy': (span) => void span.recordException(as<Error>(throwing())),
  'exception: without prototype': (span) => void span.recordException(as<Error>(Object.create(null))),
  'exception: code without text': (span) =>
    void span.recordException(as<Error>({ code: Object.create(null), message: 'm' })),
  'exception: 3 MB of stack': (span) =>
    void span.recordException({ name: 'E', message: 'm', stack: 'at x\n'.repeat(600_000) }),
  'event attribute: getter that throws': (span) =>
    void span.addEvent('e', {
      get a(): string {
        throw new Error('getter');
      },
    }),
  'event attributes: proxy': (span) => void span.addEvent('e', as<Attributes>(throwing())),
  'event attribute: a million elements': (span) => void span.addEvent('e', { a: Array(1_000_000).fill(1) }),
  '1,000 events': (span) => {
    for (let i = 0; i < 1_000; i++) span.addEvent(`e${i}`, { text: 'x'.repeat(5_000) });
  },
  'link: getter that throws': (span) =>
    void span.addLink({
      get context(): Link['context'] {
        throw new Error('getter');
      },
    }),
  'links: null': (span) => void span.addLinks(as<Link[]>(null)),
  'links: of null': (span) => void span.addLinks(as<Link[]>([null])),
  'status: getter that throws': (span) =>
    void span.setStatus({
      get code(): SpanStatus['code'] {
        throw new Error('getter');
      },
    }),
  'status message: 3 MB': (span) => void span.setStatus({ code: 2, message: 'm '.repeat(1_500_000) }),
  'end(proxy)': (span) => span.end(as<TimeInput>(throwing())),
  'end(symbol)': (span) => span.end(as<TimeInput>(Symbol('t'))),
  'attribute key: undefined': (span) => void span.setAttribute(as<string>(undefined), 'x'),
  'attribute key: null': (span) => void span.setAttribute(as<string>(null), 'x'),
  'attributes: proxy': (span) => void span.setAttributes(as<Attributes>(throwing())),
  'attributes: null': (span) => void span.setAttributes(as<Attributes>(null)),
};

/** Options of a span that is about to start, and what to do in place of it if they are for its context. */
export const starts: Record<string, (tracer: Tracer) => Span> = {
  'start attribute: getter that throws': (tracer) =>
    tracer.startSpan('hostile', {
      attributes: {
        get a(): string {
          throw new Error('getter');
        },
      },
    }),
  'start attribute: nested 20,000 deep': (tracer) =>
    tracer.startSpan('hostile', { attributes: as<Attributes>({ a: nested(20_000) }) }),
  'start attribute: 200,000 keys': (tracer) =>
    tracer.startSpan('hostile', { attributes: as<Attributes>({ a: wide(200_000) }) }),
  'start links: of null': (tracer) => tracer.startSpan('hostile', { links: as<Link[]>([null]) }),
  'start links: number': (tracer) => tracer.startSpan('hostile', { links: as<Link[]>(5) }),
  'start options: null': (tracer) => tracer.startSpan('hostile', as<SpanOptions>(null)),
  'start options: proxy': (tracer) => tracer.startSpan('hostile', as<SpanOptions>(throwing())),
  'start time: proxy': (tracer) => tracer.startSpan('hostile', { startTime: as<TimeInput>(throwing()) }),
  'start time: NaN': (tracer) => tracer.startSpan('hostile', { startTime: Number.NaN }),
  'start context: null': (tracer) => tracer.startSpan('hostile', {}, as<Context>(null)),
  'start kind: text': (tracer) => tracer.startSpan('hostile', { kind: as<SpanKind>('SERVER') }),
  'start name: symbol': (tracer) => tracer.startSpan(as<string>(Symbol('n'))),
};

/**
 * Those that no request can hold; every other one arrives, with what can be expressed of it. The JSON serializer refuses
 * times that the protobuf one writes as they are.
 */
export const poison: Record<'http/protobuf' | 'http/json', ReadonlySet<string>> = (() => {
  const links = ['ids of wrong types', 'no context', 'odd ids', 'state that throws'].map((link) => `link: ${link}`);
  return { 'http/protobuf': new Set(links), 'http/json': new Set([...links, 'event time: NaN', 'start time: NaN']) };
})();
