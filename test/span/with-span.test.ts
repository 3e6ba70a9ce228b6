import { context, diag, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { traceFields } from '../../src/logs/log-fields.ts';
import { withSpan } from '../../src/span/with-span.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });

function tracingOn() {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}
tracingOn();
beforeEach(() => exporter.reset());
afterAll(() => trace.disable());

/** The one span that the test made. */
function only() {
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  return spans[0]!;
}

describe('a span around a function', () => {
  test('hands back what a synchronous function returns, and has ended by then', () => {
    const value = { same: true };
    expect(withSpan('work', () => value)).toBe(value);
    expect(only().name).toBe('work');
    expect(only().ended).toBe(true);
  });

  test('is active inside, and gone outside', () => {
    withSpan('outer', (outer) => {
      expect(trace.getActiveSpan()).toBe(outer);
      withSpan('inner', () => undefined);
    });
    expect(trace.getActiveSpan()).toBeUndefined();
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  });

  test('stays open until the promise settles, across awaits', async () => {
    const result = withSpan('work', async (span) => {
      await Promise.resolve();
      expect(trace.getActiveSpan()).toBe(span);
      return 7;
    });
    expect(exporter.getFinishedSpans()).toHaveLength(0);
    expect(await result).toBe(7);
    expect(only().status.code).toBe(SpanStatusCode.UNSET);
  });

  test('takes attributes, kind, links, a root and the name of the module that traces', () => {
    const link = { context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } };
    withSpan('outer', () =>
      withSpan(
        'work',
        { attributes: { 'order.id': 17 }, kind: 'consumer', links: [link], tracer: 'billing', root: true },
        () => undefined,
      ),
    );
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes).toEqual({ 'order.id': 17 });
    expect(span?.kind).toBe(SpanKind.CONSUMER);
    expect(span?.links[0]?.context.traceId).toBe('1'.repeat(32));
    expect(span?.instrumentationScope.name).toBe('billing');
    expect(span?.parentSpanContext).toBeUndefined();
  });

  test('awaits a thenable that is no promise', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable = { then: (done: (value: number) => void) => done(9) };
    expect(await withSpan('work', () => thenable)).toBe(9);
    expect(only().ended).toBe(true);
  });

  test('passes an object through whose then is no function, or throws when looked at', () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const odd = { then: 'later' };
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      get then(): unknown {
        throw new Error('no');
      },
    };
    expect(withSpan('work', () => odd)).toBe(odd);
    expect(withSpan('work', () => hostile)).toBe(hostile);
    expect(exporter.getFinishedSpans()).toHaveLength(2);
  });
});

describe('an error', () => {
  test('thrown is recorded and thrown on as the same object', () => {
    const error = new TypeError('no card');
    expect(() =>
      withSpan('work', () => {
        throw error;
      }),
    ).toThrow(error);
    expect(only().status).toEqual({ code: SpanStatusCode.ERROR, message: 'no card' });
    expect(only().attributes['error.type']).toBe('TypeError');
    const [event] = only().events;
    expect(event?.name).toBe('exception');
    expect(event?.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'no card' });
    expect(String(event?.attributes?.['exception.stacktrace'])).toContain('with-span.test');
  });

  /** As `pg` throws it: the class is called `error` only after the stack was written. */
  const postgres = (message: string, fields: object) => Object.assign(new Error(message), { name: 'error', ...fields });
  test.each([
    [
      '22P02',
      postgres('invalid input syntax for type integer: "CANARY"', { code: '22P02', routine: 'pg_strtoint32_safe' }),
      'invalid input syntax for type integer: "?"',
    ],
    [
      '22007',
      postgres('invalid input syntax for type date: "CAN\n    at ARY (CANARY)"', { code: '22007', severity: 'ERROR' }),
      'invalid input syntax for type date: "?"',
    ],
    ['P0001', postgres('no seats left for CANARY', { code: 'P0001', severity: 'ERROR' }), 'PostgreSQL error P0001'],
    [
      '22P02',
      Object.assign(postgres('of CANARY', { code: '22P02', severity: 'ERROR' }), { message: 'value "CANARY"' }),
      'value "?"',
    ],
    [
      '23505',
      postgres('duplicate key value violates unique constraint "orders_pkey"', { code: '23505', severity: 'ERROR' }),
      'duplicate key value violates unique constraint "orders_pkey"',
    ],
  ])('of PostgreSQL loses the values that the server quotes (%s)', (code, error, message) => {
    expect(() =>
      withSpan('work', () => {
        throw error;
      }),
    ).toThrow(error);
    expect(only().status.message).toBe(message);
    expect(only().attributes['error.type']).toBe(code);
    const attributes = only().events[0]?.attributes;
    expect(attributes?.['exception.message']).toBe(message);
    const [head, ...frames] = String(attributes?.['exception.stacktrace']).split('\n');
    expect(head).toBe(`error: ${message}`);
    expect(frames[0]).toContain('with-span.test');
    expect(JSON.stringify(attributes)).not.toContain('CANARY');
  });

  test('with five letters for a code and quotes in its message is not taken for one of PostgreSQL', () => {
    const error = Object.assign(new Error('write to "log" failed'), { code: 'EPIPE' });
    expect(() =>
      withSpan('work', () => {
        throw error;
      }),
    ).toThrow(error);
    expect(only().status.message).toBe('write to "log" failed');
  });

  test('rejected is recorded and rejects with the same value', async () => {
    const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const caught = await withSpan('work', () => Promise.reject(error)).catch((reason: unknown) => reason);
    expect(caught).toBe(error);
    expect(only().attributes['error.type']).toBe('ECONNREFUSED');
  });

  test('that nobody handles is reported once, as without the span', async () => {
    const seen = vi.fn();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', seen);
    void withSpan('work', () => Promise.reject(new Error('lost')));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', seen);
    for (const listener of others) process.on('unhandledRejection', listener);
    expect(seen).toHaveBeenCalledTimes(1);
  });

  test('that is handled is not reported at all', async () => {
    const seen = vi.fn();
    process.on('unhandledRejection', seen);
    await withSpan('work', () => Promise.reject(new Error('fine'))).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', seen);
    expect(seen).not.toHaveBeenCalled();
  });

  const getter = (key: string) =>
    Object.defineProperty(new Error('x'), key, {
      get() {
        throw new Error('hostile');
      },
    });
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  test.each([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a string', 'plain', 'string'],
    ['a number', 42, 'number'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['a frozen error', Object.freeze(new RangeError('f')), 'RangeError'],
    ['an error whose message throws', getter('message'), 'Error'],
    ['an error whose stack throws', getter('stack'), 'Error'],
    ['an error whose name throws', getter('name'), 'Error'],
    ['an error whose code throws', getter('code'), 'Error'],
    ['an object without prototype', Object.create(null), 'Error'],
    ['a plain object', { message: 'm' }, 'Object'],
    ['a revoked proxy', revoked(), 'Error'],
    ['an error of 10 MB', new Error('x'.repeat(10_000_000)), 'Error'],
    ['a bigint message', Object.assign(new Error('x'), { message: 5n }), 'Error'],
  ])('may be %s', (_, thrown, type) => {
    let caught: unknown = 'nothing';
    try {
      withSpan('work', () => {
        throw thrown;
      });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(thrown);
    const span = only();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toBe(type);
    expect((span.status.message ?? '').length).toBeLessThan(1_100);
  });
});

describe('whatever the caller gives', () => {
  test('attributes with a throwing getter cost the attributes, not the call', () => {
    const attributes = {
      get bad(): string {
        throw new Error('hostile');
      },
    };
    expect(withSpan('work', { attributes }, () => 1)).toBe(1);
    expect(only().name).toBe('work');
  });

  test('a span that the function ended itself is not ended again', () => {
    const error = vi.fn();
    diag.setLogger({ error, warn() {}, info() {}, debug() {}, verbose() {} });
    expect(withSpan('work', (span) => span.end())).toBeUndefined();
    expect(exporter.getFinishedSpans()).toHaveLength(1);
    expect(error).not.toHaveBeenCalled();
    diag.disable();
  });

  test('a provider that throws leaves the function alone', () => {
    trace.disable();
    trace.setGlobalTracerProvider({
      getTracer() {
        throw new Error('broken provider');
      },
    });
    expect(withSpan('work', () => 3)).toBe(3);
    trace.disable();
    expect(withSpan('work', () => 4)).toBe(4);
    trace.setGlobalTracerProvider(provider);
  });
});

describe('trace fields', () => {
  test('are the ids of the active span', () => {
    withSpan('work', (span) => {
      const { traceId, spanId } = span.spanContext();
      expect(traceFields()).toEqual({ trace_id: traceId, span_id: spanId, trace_flags: '01' });
    });
  });

  test('are nothing outside a span', () => {
    expect(traceFields()).toEqual({});
  });
});
