import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  exchange,
  headerLines,
  http,
  instrumentations,
  keeper,
  rules,
  traceId,
  traceparent,
  trust,
} from './keep-rig.ts';
import { takeSpans } from './traced.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handle: Handler = (_, response) => response.end();
let thrown: unknown;
const server = http.createServer((request, response) => {
  try {
    handle(request, response);
  } catch (error) {
    thrown = error;
    response.end();
  }
});
let address: AddressInfo;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  address = server.address() as AddressInfo;
});
beforeEach(() => {
  keeper.reset();
  trust.accepts = true;
  trust.asked = [];
  rules.keepErrors = true;
  thrown = undefined;
  takeSpans();
});
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable();
  server.closeAllConnections();
  return new Promise<void>((resolve) => server.close(() => resolve()));
});

const keep = () => keeper.trigger(trace.getActiveSpan()?.spanContext().traceId ?? '', 'manual');
const ours = /^trace;desc=00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/;
const timings = (answer: string) =>
  headerLines(answer)
    .filter(([name]) => name.toLowerCase() === 'server-timing')
    .map(([, value]) => value);

/** One request with a traceparent, answered by `handler` before and after a trigger; both answers. */
async function both(handler: Handler, start?: string): Promise<{ plain: string; kept: string }> {
  handle = handler;
  const plain = await exchange(address, [traceparent], start);
  handle = (request, response) => {
    keep();
    handler(request, response);
  };
  return { plain, kept: await exchange(address, [traceparent], start) };
}

/** The answer without our entry, and without what differs between any two answers. */
function without(answer: string): string {
  return answer
    .replace(/, trace;desc=[^,\r]*/g, '')
    .replace(/Server-Timing: trace;desc=[^,\r]*\r\n/gi, '')
    .replace(/Date: [^\r]*\r\n/, '');
}

describe('a kept trace tells its caller, and changes nothing else,', () => {
  const body = 'x'.repeat(10);
  test.each<[string, Handler]>([
    ['when nothing is said about headers', (_, r) => r.end(body)],
    ['with setHeader', (_, r) => r.setHeader('X-A', '1').end(body)],
    ['with appendHeader', (_, r) => r.appendHeader('X-A', '1').appendHeader('X-A', '2').end(body)],
    ['with setHeaders', (_, r) => r.setHeaders(new Map([['X-A', '1']])).end(body)],
    ['with a status code', (_, r) => r.writeHead(201).end(body)],
    ['with a status text', (_, r) => r.writeHead(201, 'Fine').end(body)],
    ['with an object', (_, r) => r.writeHead(201, { 'X-A': '1', 'Set-Cookie': ['a=1', 'b=2'] }).end(body)],
    ['with a text and an object', (_, r) => r.writeHead(201, 'Fine', { 'X-A': '1' }).end(body)],
    ['with a list', (_, r) => r.writeHead(201, ['X-A', '1', 'X-A', '2']).end(body)],
    [
      'with a list of pairs',
      (_, r) =>
        r
          .writeHead(201, [
            ['X-A', '1'],
            ['X-B', '2'],
          ] as never)
          .end(body),
    ],
    [
      'with an object over headers set before',
      (_, r) => r.setHeader('X-A', '0').writeHead(201, { 'X-A': '1' }).end(body),
    ],
    ['with a list over headers set before', (_, r) => r.setHeader('X-A', '0').writeHead(201, ['X-A', '1']).end(body)],
    ['with null for headers', (_, r) => r.writeHead(200, null as never).end(body)],
    ['with a status as text', (_, r) => r.writeHead('202' as never).end(body)],
    [
      'with flushHeaders',
      (_, r) => {
        r.flushHeaders();
        r.end(body);
      },
    ],
    [
      'with several writes',
      (_, r) => {
        r.write('a');
        setImmediate(() => r.end('b'));
      },
    ],
    ['with a pipe', (_, r) => Readable.from(['a', 'b', 'c']).pipe(r)],
    ['without a body', (_, r) => r.writeHead(204).end()],
    ['not modified', (_, r) => r.writeHead(304, { ETag: '"1"' }).end()],
    ['with a length', (_, r) => r.setHeader('Content-Length', 10).end(body)],
  ])('%s', async (_, handler) => {
    const { plain, kept } = await both(handler);
    expect(timings(plain)).toEqual([]);
    expect(timings(kept)).toEqual([expect.stringMatching(ours)]);
    expect(without(kept)).toBe(without(plain));
    expect(thrown).toBeUndefined();
  });

  test.each([
    ['a HEAD', 'HEAD / HTTP/1.1'],
    ['HTTP/1.0', 'GET / HTTP/1.0'],
  ])('to %s', async (_, start) => {
    const { plain, kept } = await both((__, r) => r.end('body'), start);
    expect(timings(kept)).toEqual([expect.stringMatching(ours)]);
    expect(without(kept)).toBe(without(plain));
  });

  test('after early hints', async () => {
    const { kept } = await both((_, r) => {
      r.writeEarlyHints({ link: '</a.css>; rel=preload' });
      r.end('body');
    });
    const [hints = '', final = ''] = kept.split('\r\n\r\n');
    expect(hints).toMatch(/^HTTP\/1.1 103/);
    expect(hints).not.toContain('Timing');
    expect(final).toMatch(/^HTTP\/1.1 200/);
    expect(timings(final)).toEqual([expect.stringMatching(ours)]);
  });

  test('by the id of the span that answered', async () => {
    const { kept } = await both((_, r) => r.end());
    const spans = takeSpans().filter(({ kind }) => kind === 1);
    expect(timings(kept)[0]).toContain(spans.at(-1)?.spanContext().spanId);
  });
});

describe('the entry joins a Server-Timing of the app’s own', () => {
  const own = 'db;dur=53';
  test.each<[string, Handler, string[]]>([
    ['set', (_, r) => r.setHeader('server-timing', own).end(), [own, '+']],
    ['set twice', (_, r) => r.setHeader('Server-Timing', [own, 'app']).end(), [own, 'app', '+']],
    [
      'appended',
      (_, r) => r.appendHeader('Server-Timing', own).appendHeader('Server-Timing', 'b').end(),
      [own, 'b', '+'],
    ],
    ['in an object', (_, r) => r.writeHead(200, { 'server-timing': own }).end(), [`${own}, +`]],
    [
      'as a list in an object',
      (_, r) => r.writeHead(200, 'Fine', { 'Server-Timing': [own, 'b'] }).end(),
      [own, 'b', '+'],
    ],
    ['in a list', (_, r) => r.writeHead(200, ['Server-Timing', own, 'X-A', '1']).end(), [own, '+']],
    ['in a list of pairs', (_, r) => r.writeHead(200, [['server-timing', own]] as never).end(), [own, '+']],
    [
      'set, with an object beside it',
      (_, r) => r.setHeader('Server-Timing', own).writeHead(200, { 'X-A': '1' }).end(),
      [own, '+'],
    ],
    [
      'set, with a list beside it',
      (_, r) => r.setHeader('Server-Timing', own).writeHead(200, ['X-A', '1']).end(),
      [own, '+'],
    ],
    [
      'set, then replaced by an object',
      (_, r) => r.setHeader('Server-Timing', 'old').writeHead(200, { 'Server-Timing': own }).end(),
      [`${own}, +`],
    ],
    [
      'set, then replaced by a list',
      (_, r) => r.setHeader('Server-Timing', 'old').writeHead(200, ['Server-Timing', own]).end(),
      [own, '+'],
    ],
  ])('%s', async (_, handler, expected) => {
    const { plain, kept } = await both(handler);
    expect(timings(kept).map((value) => value.replace(/trace;desc=\S+/, '+'))).toEqual(expected);
    expect(without(kept).replace(/Server-Timing/gi, '')).toBe(without(plain).replace(/Server-Timing/gi, ''));
  });
});

describe('the app', () => {
  test('gets its response back from writeHead, and its header object stays as it was', async () => {
    const headers = Object.freeze({ 'X-A': '1', 'Server-Timing': 'db' });
    const list = Object.freeze(['X-A', '1']);
    let returned: unknown;
    const { kept } = await both((_, r) => {
      returned = r.writeHead(200, headers) === r;
      r.end();
    });
    expect(returned).toBe(true);
    expect(timings(kept)[0]).toMatch(/^db, trace;/);
    await both((_, r) => r.writeHead(200, list as never).end());
    expect(list).toEqual(['X-A', '1']);
    expect(thrown).toBeUndefined();
  });

  test.each<[string, Handler]>([
    ['an impossible status', (_, r) => r.writeHead(99)],
    ['an invalid header', (_, r) => r.writeHead(200, { 'X-A': 'a\nb' })],
    ['an undefined header', (_, r) => r.writeHead(200, { 'Server-Timing': undefined } as never)],
    ['a list with a name too many', (_, r) => r.setHeader('X-B', '1').writeHead(200, ['X-A'])],
    ['headers that left already', (_, r) => r.writeHead(200).writeHead(200)],
    [
      'a header object that throws',
      (_, r) =>
        r.writeHead(200, {
          get 'X-A'(): string {
            throw new RangeError('getter');
          },
        }),
    ],
  ])('gets the same error for %s as without us', async (_, handler) => {
    await both(handler);
    const kept = thrown as NodeJS.ErrnoException;
    keeper.reset();
    handle = handler;
    await exchange(address, [traceparent]);
    expect(kept).toBeInstanceOf(Error);
    expect([kept.name, kept.code, kept.message]).toEqual([
      (thrown as Error).name,
      (thrown as NodeJS.ErrnoException).code,
      (thrown as Error).message,
    ]);
  });

  test('can answer after its first attempt failed, and the entry is there once', async () => {
    const { kept } = await both((_, r) => {
      try {
        r.setHeader('X-A', '1').writeHead(200, 'bad\ntext');
      } catch {
        r.statusMessage = 'Fine';
        r.writeHead(200, 'Fine').end();
      }
    });
    expect(timings(kept)).toEqual([expect.stringMatching(ours)]);
  });

  test('is answered even if the keeper breaks', async () => {
    const { isForced } = keeper;
    keeper.isForced = () => {
      throw new Error('broken');
    };
    const { kept } = await both((_, r) => r.writeHead(200, { 'X-A': '1' }).end('body'));
    keeper.isForced = isForced;
    expect(kept).toContain('body');
  });
});

describe('nothing is told', () => {
  const answer = async (headers: string[], prepare: () => void = keep) => {
    handle = (_, response) => {
      prepare();
      response.end();
    };
    return timings(await exchange(address, headers));
  };
  test('to a caller that sent no context', async () => {
    expect(await answer([])).toEqual([]);
    expect(await answer(['traceparent: 00-nonsense'])).toEqual([]);
    expect(await answer([traceparent])).toHaveLength(1);
  });

  test('to a caller that is not trusted, whose address is that of the connection', async () => {
    trust.accepts = false;
    expect(await answer([traceparent, 'X-Forwarded-For: 10.0.0.1'])).toEqual([]);
    expect(trust.asked).toEqual(['127.0.0.1']);
  });

  test('of a trace that nobody keeps, or only the caller’s flag', async () => {
    expect(await answer([traceparent], () => {})).toEqual([]);
    expect(await answer([traceparent.replace(/00$/, '01')], () => {})).toEqual([]);
  });

  test('about a trigger that the budget refused', async () => {
    keeper.throttled = true;
    handle = (_, response) => response.writeHead(500).end();
    expect(timings(await exchange(address, [traceparent]))).toEqual([]);
    expect(keeper.triggers).toEqual([[traceId, 'error']]);
  });
});

describe('a 5xx', () => {
  test.each<[string, Handler]>([
    ['given to writeHead', (_, r) => r.writeHead(503).end()],
    ['given as text', (_, r) => r.writeHead('500' as never).end()],
    [
      'set beforehand',
      (_, r) => {
        r.statusCode = 500;
        r.end('late');
      },
    ],
  ])('%s keeps its trace before the headers leave', async (_, handler) => {
    handle = handler;
    const answer = await exchange(address, [traceparent]);
    expect(keeper.triggers).toEqual([[traceId, 'error']]);
    expect(timings(answer)).toEqual([expect.stringMatching(ours)]);
  });

  test('that sends no context is kept, too', async () => {
    handle = (_, r) => r.writeHead(500).end();
    await exchange(address, []);
    expect(keeper.triggers).toHaveLength(1);
  });

  test('that comes after the headers have left keeps nothing, for it is not sent', async () => {
    handle = (_, r) => r.writeHead(200).writeHead(500);
    await exchange(address, [traceparent]);
    expect([keeper.triggers, (thrown as NodeJS.ErrnoException).code]).toEqual([[], 'ERR_HTTP_HEADERS_SENT']);
  });

  test('keeps nothing where errors are not to be kept; nor does a 4xx', async () => {
    handle = (_, r) => r.writeHead(404).end();
    await exchange(address, [traceparent]);
    rules.keepErrors = false;
    handle = (_, r) => r.writeHead(500).end();
    await exchange(address, [traceparent]);
    expect(keeper.triggers).toEqual([]);
  });
});

describe('an answer that is an event stream is said to be one', () => {
  const type = 'text/event-stream';
  test.each<[string, Handler]>([
    ['an object for writeHead', (_, r) => r.writeHead(200, { 'content-type': type }).write('data: 1\n\n')],
    ['after a text', (_, r) => r.writeHead(200, 'OK', { 'Content-Type': `${type}; charset=utf-8` }).write('\n')],
    ['a list', (_, r) => r.writeHead(200, ['X-A', '1', 'CONTENT-TYPE', type]).write('\n')],
    ['pairs', (_, r) => r.writeHead(200, [['Content-Type', type]] as never).write('\n')],
    ['setHeader, and the first write', (_, r) => r.setHeader('Content-Type', 'Text/Event-Stream').write('\n')],
    ['setHeader, and flushHeaders', (_, r) => r.setHeader('Content-Type', type).flushHeaders()],
    ['setHeaders', (_, r) => r.setHeaders(new Headers({ 'content-type': type })).flushHeaders()],
  ])('with its type in %s, when the head leaves', async (_, handler) => {
    let spanId: string | undefined;
    let before: number | undefined;
    handle = (request, response) => {
      spanId = trace.getActiveSpan()?.spanContext().spanId;
      before = keeper.streamed.length;
      handler(request, response);
      expect(keeper.streamed).toEqual([spanId]);
      response.end();
    };
    await exchange(address, []);
    expect([before, keeper.streamed, thrown]).toEqual([0, [spanId], undefined]);
  });

  test.each<[string, Handler]>([
    ['another type', (_, r) => r.writeHead(200, { 'content-type': 'text/plain' }).end()],
    ['a longer type', (_, r) => r.writeHead(200, { 'content-type': 'text/event-stream-list' }).end()],
    ['another header', (_, r) => r.writeHead(200, { 'x-content-type': type }).end(`content-type: ${type}`)],
    [
      'a type that was overruled',
      (_, r) => r.setHeader('content-type', type).writeHead(200, { 'content-type': 'a/b' }).end(),
    ],
    ['a head that Node refused', (_, r) => r.writeHead(99, { 'content-type': type })],
  ])('and not with %s', async (_, handler) => {
    handle = handler;
    await exchange(address, []);
    expect(keeper.streamed).toEqual([]);
  });
});
