import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracing } from '../../src/init-tracing.ts';
import { withSpan } from '../../src/span/with-span.ts';
import { captureSpans } from '../../src/testing/capture-spans.ts';
import { useConductor } from '../../src/testing/quiet-tracing.ts';
import { spanTree } from '../../src/testing/span-tree.ts';

useConductor({ startTracing });
const still = { durations: false, services: false };
const text = (spans: Parameters<typeof spanTree>[0]) => spanTree(spans, still);

describe('a server that was started outside of every capture', () => {
  let server: Server;
  let url: string;
  const seen: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      seen.push(request.headers.traceparent as string | undefined);
      await withSpan(`work ${request.url}`, async () => new Promise((resolve) => setImmediate(resolve)));
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  test('a request made within is followed through it, and all its spans have ended', async () => {
    const spans = await captureSpans(() => fetch(`${url}/orders`));
    expect(text(spans)).toBe('GET\n└─ GET /orders\n   └─ work /orders');
    expect(spans.map(({ ended }) => ended)).toEqual([true, true, true]);
  });

  test('fifty captures at once see their own requests and no others, over shared sockets', async () => {
    const captured = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const spans = await captureSpans(async () => {
          await (await fetch(`${url}/order-${i}`)).text();
          await (await fetch(`${url}/bill-${i}`)).text();
        });
        return spans.filter(({ name }) => name.startsWith('work')).map(({ name }) => name);
      }),
    );
    expect(captured).toEqual(captured.map((_, i) => [`work /order-${i}`, `work /bill-${i}`]));
  });

  test('a request made outside makes no span, and carries no context to whoever is called', async () => {
    const [spans] = await Promise.all([captureSpans(() => withSpan('inside', () => {})), fetch(`${url}/outside`)]);
    expect(text(spans)).toBe('inside');
    seen.length = 0;
    await fetch(`${url}/outside`);
    expect(seen).toEqual([undefined]);
  });
});

test('outside of a capture nothing is recorded, and within one all of it is sampled', async () => {
  expect(withSpan('outside', (span) => span.isRecording())).toBe(false);
  const spans = await captureSpans(() => withSpan('inside', () => {}));
  expect(spans[0]!.flags & 1).toBe(1);
});

test('a span that ends shortly after the callback is waited for', async () => {
  const spans = await captureSpans(() => {
    const span = trace.getTracer('t').startSpan('later');
    setTimeout(() => span.end(), 30);
  });
  expect(spans.map(({ name, ended }) => [name, ended])).toEqual([['later', true]]);
});

test('a span that nobody ends is given after the deadline, marked', async () => {
  const spans = await captureSpans(() => void trace.getTracer('t').startSpan('never'), { timeoutMs: 50 });
  expect(spans[0]).toMatchObject({ name: 'never', ended: false });
  expect(text(spans)).toBe('never   ? not ended');
  expect(spans[0]!.endTimeUnixNano).toBeGreaterThanOrEqual(spans[0]!.startTimeUnixNano - 1_000_000n);
});

test('until waits for spans that begin later', async () => {
  const spans = await captureSpans(() => void setTimeout(() => withSpan('job', () => {}), 30), {
    until: (spans) => spans.some(({ name }) => name === 'job'),
  });
  expect(text(spans)).toBe('job');
});

test('until that does not come true is an error that shows what there was', async () => {
  const capture = captureSpans(() => withSpan('one', () => {}), { until: () => false, timeoutMs: 30 });
  await expect(capture).rejects.toThrow(/did not come in 30 ms\. Captured:\none /);
});

test('a trace that begins elsewhere and links to one of the callback belongs to it', async () => {
  const spans = await captureSpans(async () => {
    const send = trace.getTracer('t').startSpan('send', { kind: SpanKind.PRODUCER });
    const link = { context: send.spanContext() };
    send.end();
    await queue(() =>
      trace
        .getTracer('t')
        .startSpan('process', { links: [link], root: true })
        .end(),
    );
  });
  expect(text(spans)).toBe('send\n\nprocess   ↪ send');
});

/** A consumer loop that was started before anything was captured. */
const jobs: (() => void)[] = [];
let wake: () => void = () => {};
void (async () => {
  for (;;) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (const job of jobs.splice(0)) job();
  }
})();
const queue = async (job: () => void) => {
  jobs.push(job);
  wake();
  await new Promise((resolve) => setTimeout(resolve, 5));
};

test('an active span around the call is no parent', async () => {
  await captureSpans(() =>
    withSpan('around', async () => {
      const spans = await captureSpans(() => withSpan('within', () => {}));
      expect(spans[0]!.parentSpanId).toBeUndefined();
    }),
  );
});

test('a capture around another one sees its spans, too', async () => {
  let inner: unknown;
  const outer = await captureSpans(async () => {
    withSpan('mine', () => {});
    inner = (await captureSpans(() => withSpan('theirs', () => {}))).map(({ name }) => name);
  });
  expect(inner).toEqual(['theirs']);
  expect(outer.map(({ name }) => name)).toEqual(['mine', 'theirs']);
});

test('what the callback throws is thrown on, sync and async', async () => {
  const boom = new Error('boom');
  await expect(
    captureSpans(() => {
      throw boom;
    }),
  ).rejects.toBe(boom);
  await expect(captureSpans(() => Promise.reject(boom))).rejects.toBe(boom);
});

test('a span is given as it would be exported: redacted, and with the reason for which it is kept', async () => {
  let live: unknown;
  const spans = await captureSpans(() =>
    withSpan('pay', (span) => {
      span.setAttribute('note', 'Authorization: Bearer abcdef1234567890');
      span.setStatus({ code: 2, message: 'declined' });
      live = span;
    }),
  );
  expect(spans[0]!.attributes).toMatchObject({ 'keeptrace.reason': 'error' });
  expect(String(spans[0]!.attributes.note)).not.toContain('abcdef');
  expect(live).toMatchObject({ ended: true });
});

test('a span that still runs keeps its secrets for itself, and is not written to', async () => {
  let note: unknown;
  const spans = await captureSpans(
    () => {
      const span = trace.getTracer('t').startSpan('open');
      span.setAttribute('note', 'Authorization: Bearer abcdef1234567890');
      note = () => (span as unknown as { attributes: { note: string } }).attributes.note;
    },
    { timeoutMs: 20 },
  );
  expect(String(spans[0]!.attributes.note)).not.toContain('abcdef');
  expect((note as () => string)()).toContain('abcdef');
});

test('a trace that begins in a context of its own within the callback belongs to it', async () => {
  const spans = await captureSpans(() => context.with(ROOT_CONTEXT, () => withSpan('fresh', () => {})));
  expect(text(spans)).toBe('fresh');
});

test('noise that would not be exported is not captured either', async () => {
  const spans = await captureSpans(() =>
    withSpan('load', () => trace.getTracer('@opentelemetry/instrumentation-pg').startSpan('pg.connect').end()),
  );
  expect(text(spans)).toBe('load');
});
