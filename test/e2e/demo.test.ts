import { describe, expect, test } from 'vitest';
import { createProgress } from '../../scripts/demo-progress.ts';
import { readStory } from '../../scripts/demo-report.ts';
import { emptySpan, type ReceivedSpan } from '../../src/receiver/received-span.ts';
import { runApp } from '../support/processes.ts';

/** The columns without their widths, the times without their values. */
function still(text: string): string {
  return text
    .replaceAll(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .replaceAll(/^ {2}/gm, '');
}

function section(output: string, title: string): string {
  return still(output.split(`${title}\n\n`)[1]?.split('\n\n')[0] ?? `no section ${title} in:\n${output}`);
}

test('the demo shows a normal, a failed and a slow order as whole traces and ends by itself', async () => {
  const demo = runApp({ args: ['scripts/demo.ts', '--requests', '40'] });
  const { code } = await demo.exit;
  const output = demo.stdout();
  expect(code, `${output}\n${demo.stderr()}`).toBe(0);

  expect(output).toMatch(/^Shopping 10\/40$/m);
  expect(section(output, 'A normal order')).toBe(
    [
      'POST /orders  shop-api  TIME',
      '├─ INSERT orders  shop-api  TIME  postgresql',
      '├─ POST  shop-api  TIME',
      '│  └─ POST /charge  payments  TIME',
      '├─ UPDATE orders  shop-api  TIME  postgresql',
      '└─ orders send  shop-api  TIME  aws.sns',
    ].join('\n'),
  );
  expect(section(output, 'A failed order')).toBe(
    [
      'POST /orders  shop-api  TIME  ✕ HTTP 502',
      '├─ INSERT orders  shop-api  TIME  postgresql',
      '├─ POST  shop-api  TIME  ✕ HTTP 503',
      '│  └─ POST /charge  payments  TIME  ✕ HTTP 503',
      '└─ UPDATE orders  shop-api  TIME  postgresql',
    ].join('\n'),
  );
  expect(section(output, 'A slow order')).toBe(
    [
      'POST /orders  shop-api  TIME  ◷ slow',
      '├─ INSERT orders  shop-api  TIME  postgresql',
      '├─ POST  shop-api  TIME  ◷ slow',
      '│  └─ POST /charge  payments  TIME  ◷ slow',
      '├─ UPDATE orders  shop-api  TIME  postgresql',
      '└─ orders send  shop-api  TIME  aws.sns',
    ].join('\n'),
  );
  expect(still(output)).toMatch(/^40 requests in TIME: 33 orders, 3 failed, \d+ slower than TIME$/m);
  expect(output).toMatch(/^\d+ traces, \d+ spans received; all 33 orders are whole/m);
  expect(output).toMatch(/^All three services ended by SIGTERM/m);
}, 90_000);

test('the demo refuses a number of requests that cannot tell the story', async () => {
  const demo = runApp({ args: ['scripts/demo.ts', '--requests', '5'] });
  expect(await demo.exit).toMatchObject({ code: 1 });
  expect(demo.stderr()).toContain('at least 24');
});

describe('the story is refused', () => {
  const traffic = { requests: 3, orders: 3, paid: 2, failed: 1, slow: 1, poisoned: 0, ms: 1 };

  /** An order of `ms` milliseconds; `cut` leaves out the context between the shop and the payment. */
  function order(n: number, ms: number, failed = false, cut = false): ReceivedSpan[] {
    const traceId = String(n).padStart(32, '0');
    const span = (id: string, parent: string | undefined, service: string, over: Partial<ReceivedSpan>) => ({
      ...emptySpan({ 'service.name': service }, { name: '', version: '' }),
      traceId,
      spanId: id,
      parentSpanId: parent,
      name: id,
      endTimeUnixNano: BigInt(ms) * 1_000_000n,
      status: { code: failed ? ('error' as const) : ('unset' as const), message: '' },
      ...over,
    });
    return [
      span('root', undefined, 'shop-api', { kind: 'server' }),
      span('INSERT orders', 'root', 'shop-api', { kind: 'client', attributes: { 'db.system.name': 'postgresql' } }),
      span('UPDATE orders', 'root', 'shop-api', { kind: 'client', attributes: { 'db.system.name': 'postgresql' } }),
      span('pay', cut ? 'lost' : 'root', 'payments', { kind: 'server' }),
    ];
  }
  const orders = () => [...order(1, 10), ...order(2, 10, true), ...order(3, 2000)];

  test('not when every order is whole', () => {
    const story = readStory(orders(), traffic);
    expect([story.normal.ms, story.failed.ms, story.slow.ms]).toEqual([10, 10, 2000]);
  });

  test.each([
    ['nothing arrived', []],
    [
      'Postgres is missing in one trace',
      orders().filter((span) => !span.name.includes('orders') || !span.traceId.endsWith('1')),
    ],
    [
      'a query is in the trace of another order',
      orders().map((span, at) => (at === 1 ? { ...span, traceId: orders()[5]!.traceId, spanId: 'x' } : span)),
    ],
    ['payments is missing in one trace', orders().filter((span) => span.name !== 'pay' || !span.traceId.endsWith('2'))],
    ['a payment is in the trace and not below the order', [...orders().slice(0, 8), ...order(3, 2000, false, true)]],
  ])('when %s', (_, spans) => {
    expect(() => readStory(spans, traffic)).toThrow(/3 orders were placed, but \d traces span shop-api, payments/);
  });

  test('when no trace is slow', () => {
    const spans = [...order(1, 10), ...order(2, 10, true), ...order(3, 20)];
    expect(() => readStory(spans, traffic)).toThrow('no slow trace among the 3 orders');
  });
});

describe('progress', () => {
  function record(isTTY: boolean): { text: () => string; progress: ReturnType<typeof createProgress> } {
    let text = '';
    const write = (part: string) => {
      text += part;
      return true;
    };
    return { text: () => text, progress: createProgress({ isTTY, write } as NodeJS.WriteStream) };
  }

  test('is a bar that redraws itself on a terminal', () => {
    const { progress, text } = record(true);
    for (const done of [1, 2]) progress.bar('Shopping', done, 2);
    expect(text()).toBe(
      `\r\x1b[KShopping ${'█'.repeat(15)}${'░'.repeat(15)} 1/2\r\x1b[KShopping ${'█'.repeat(30)} 2/2\n`,
    );
  });

  test('is a line at each quarter elsewhere', () => {
    const { progress, text } = record(false);
    for (let done = 1; done <= 100; done++) progress.bar('Shopping', done, 100);
    expect(text()).toBe('Shopping 1/100\nShopping 25/100\nShopping 50/100\nShopping 75/100\nShopping 100/100\n');
  });

  test('tells the time of a step once it is done', async () => {
    const { progress, text } = record(false);
    const waiting = progress.step('Starting', () => Promise.resolve());
    expect(text()).toBe('Starting …');
    await waiting;
    expect(text()).toMatch(/^Starting … \d\.\d s\n$/);
  });
});

test('the demo says which database it could not reach, and leaves with exit code 1', async () => {
  const env = { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/shop' };
  const demo = runApp({ args: ['scripts/demo.ts'], env });
  expect(await demo.exit).toMatchObject({ code: 1 });
  expect(demo.stderr()).toContain(
    'The demo failed: the database of DATABASE_URL cannot be reached: connect ECONNREFUSED',
  );
  expect(demo.stderr() + demo.stdout()).not.toContain('secret');
});
