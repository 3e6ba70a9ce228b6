import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../scripts/demo-progress.ts';
import { readStory } from '../../scripts/demo-report.ts';
import type { TraceSummary } from '../../src/cli/dev/contract.ts';
import { emptySpan, type ReceivedSpan } from '../../src/receiver/received-span.ts';
import { getJson } from '../cli/dev/rig.ts';
import { runApp } from '../support/processes.ts';

/** The rows of a tree in an order that no race changes: path of names, service, notes. */
function rows(output: string, title: string): string[] {
  const tree = output.split(`${title}\n\n`)[1]?.split('\n\n')[0];
  if (tree === undefined) throw new Error(`no section ${title} in:\n${output}`);
  const path: string[] = [];
  const row = (line: string) => {
    const text = line.replace(/^[│├└─ ]+/, '');
    const [name = '', service, , ...notes] = text.split(/ {2,}/);
    // Two columns of indent, three for each level.
    path.length = (line.length - text.length - 2) / 3;
    path.push(name);
    return [path.join(' > '), service, ...notes].join('  ').replace(/127\.0\.0\.1:\d+/, 'HOST');
  };
  return tree.split('\n').map(row).sort();
}

const placed = [
  'POST /orders  shop-api',
  'POST /orders > INSERT orders  shop-api  postgresql',
  'POST /orders > POST  shop-api',
  'POST /orders > POST > POST /charge  payments',
  'POST /orders > UPDATE orders  shop-api  postgresql',
];
const sent = 'POST /orders > send orders';
const filed = `${sent} > order.file_receipt`;

/** What follows a paid order; `job` is what is printed of the job's attributes. */
const followed = (job = '') => [
  `${sent}  shop-api  aws.sns`,
  `${sent} > order.ship  worker  aws_sqs${job}`,
  `${sent} > order.ship > INSERT shipments  worker  postgresql`,
  `${sent} > order.ship > send default  worker  aws.eventbridge`,
  `${sent} > order.ship > send default > order.tell_customer  worker  aws_sqs${job}`,
  `${sent} > order.ship > send default > order.tell_customer > INSERT notices  worker  postgresql`,
];

test('the demo follows its orders from the request through the queues to the last write, and ends by itself', async () => {
  const demo = runApp({ args: ['scripts/demo.ts', '--requests', '40'] });
  const { code } = await demo.exit;
  const output = demo.stdout();
  expect(code, `${output}\n${demo.stderr()}`).toBe(0);

  expect(output).toMatch(/^Shopping 10\/40$/m);
  const whole = [
    ...placed,
    ...followed(),
    `${filed}  worker  aws_sqs`,
    `${filed} > GET  worker`,
    `${filed} > GET > GET /receipts/{id}  payments`,
    `${filed} > INSERT receipts  worker  postgresql`,
  ];
  expect(rows(output, 'A normal order')).toEqual(whole.sort());
  expect(rows(output, 'A slow order').map((row) => row.replace('  ◷ slow', ''))).toEqual(whole);
  expect(rows(output, 'A failed order')).toEqual(
    [
      'POST /orders  shop-api  ✕ HTTP 502',
      'POST /orders > INSERT orders  shop-api  postgresql',
      'POST /orders > POST  shop-api  ✕ HTTP 503',
      'POST /orders > POST > POST /charge  payments  ✕ HTTP 503',
      'POST /orders > UPDATE orders  shop-api  postgresql',
    ].sort(),
  );
  expect(output).toMatch(/^40 requests in .* s: 33 orders, 3 failed, \d+ slower than 1 s$/m);
  expect(output).toMatch(/^\d+ traces, \d+ spans received; all 33 orders are whole/m);
  expect(output).toMatch(/^All three services ended by SIGTERM/m);

  const attempt = (n: number, outcome: string) => [
    `${filed}  worker  aws_sqs  job.attempt=${n}  job.outcome=${outcome}  job.failure_count=${n}  job.failed_dependency=HOST  ` +
      '✕ no receipt: the archive is broken',
    `${filed} > GET  worker  ✕ HTTP 503`,
    `${filed} > GET > GET /receipts/{id}  payments  ✕ HTTP 503`,
  ];
  const once = '  job.attempt=1  job.outcome=success';
  const source = '  job.attempt=4  job.outcome=success  job.failure_count=3  messaging.dead_letter.source=receipts';
  expect(rows(output, 'An order with a receipt that nobody can file')).toEqual(
    [
      ...placed,
      ...followed(once),
      ...attempt(1, 'retry'),
      ...attempt(2, 'retry'),
      ...attempt(3, 'dead_letter'),
      `${sent} > order.give_up_receipt  worker  aws_sqs${source}`,
      `${sent} > order.give_up_receipt > INSERT receipts  worker  postgresql`,
    ].sort(),
  );
}, 90_000);

/** The command of util-linux that gives a process a terminal. */
const SCRIPT = '/usr/bin/script';

test.runIf(existsSync(SCRIPT))(
  'in a terminal the viewer stays, and its address is the last that is said',
  async () => {
    const command = `echo pid $$; exec ${process.execPath} scripts/demo.ts --requests 24`;
    const demo = runApp({ node: SCRIPT, args: ['-qec', command, '/dev/null'] });
    const pid = Number(/\d+/.exec(await demo.line(/^pid \d/))![0]);
    await demo.line(/Ctrl-C ends the demo/, 60_000);
    const url = /Look at them: (http:\/\/[\w:]+)/.exec(demo.stdout())![1]!;
    const slow = /the slow order +\S+#([0-9a-f]{32})/.exec(demo.stdout())![1]!;
    const { summary } = await getJson<{ summary: TraceSummary }>(`${url}/api/traces/${slow}`);
    expect(summary).toMatchObject({ slow: true, verdict: { reason: 'slow' }, name: 'POST /orders' });
    expect(summary.services).toEqual(['shop-api', 'payments', 'worker']);
    process.kill(pid, 'SIGINT');
    expect(await demo.exit).toMatchObject({ code: 0 });
  },
  90_000,
);

test('the demo refuses a number of requests that cannot tell the story', async () => {
  const demo = runApp({ args: ['scripts/demo.ts', '--requests', '5'] });
  expect(await demo.exit).toMatchObject({ code: 1 });
  expect(demo.stderr()).toContain('at least 24');
});

describe('the story is refused', () => {
  const traffic = { requests: 4, orders: 4, paid: 3, failed: 1, slow: 1, poisoned: 1, ms: 1 };

  /** An order of `ms` milliseconds, with what followed it unless it failed. */
  function order(n: number, ms: number, kind: 'paid' | 'failed' | 'dead' = 'paid'): ReceivedSpan[] {
    const traceId = String(n).padStart(32, '0');
    const span = (id: string, parent: string | undefined, service: string, over: Partial<ReceivedSpan> = {}) => ({
      ...emptySpan({ 'service.name': service }, { name: '', version: '' }),
      traceId,
      spanId: id,
      parentSpanId: parent,
      name: id,
      endTimeUnixNano: BigInt(ms) * 1_000_000n,
      status: { code: kind === 'failed' ? ('error' as const) : ('unset' as const), message: '' },
      ...over,
    });
    const query = { kind: 'client', attributes: { 'db.system.name': 'postgresql' } } as const;
    const dead = kind === 'dead' ? { 'messaging.dead_letter.source': 'receipts' } : {};
    const spans = [
      span('root', undefined, 'shop-api', { kind: 'server' }),
      span('INSERT orders', 'root', 'shop-api', query),
      span('UPDATE orders', 'root', 'shop-api', query),
      span('pay', 'root', 'payments', { kind: 'server' }),
    ];
    if (kind === 'failed') return spans;
    return [
      ...spans,
      span('work', 'root', 'worker', { kind: 'consumer', attributes: dead }),
      ...['INSERT shipments', 'INSERT receipts', 'INSERT notices'].map((id) => span(id, 'work', 'worker', query)),
    ];
  }
  const orders = () => [...order(1, 10), ...order(2, 10, 'failed'), ...order(3, 2000), ...order(4, 5, 'dead')];
  const isOf = (span: ReceivedSpan, n: number) => span.traceId.endsWith(String(n));

  test('not when every order is whole', () => {
    const story = readStory(orders(), traffic);
    expect([story.normal.ms, story.failed.ms, story.slow.ms, story.dead.ms]).toEqual([10, 10, 2000, 5]);
  });

  test.each([
    ['nothing arrived', []],
    ['Postgres is missing in one trace', orders().filter((span) => !span.name.includes('orders') || !isOf(span, 1))],
    [
      'a query is in the trace of another order',
      orders().map((span, at) => (at === 1 ? { ...span, traceId: order(2, 1)[0]!.traceId, spanId: 'x' } : span)),
    ],
    ['payments is missing in one trace', orders().filter((span) => span.name !== 'pay' || !isOf(span, 2))],
    ['the last write is missing in one trace', orders().filter(({ name }, at) => name !== 'INSERT notices' || at > 8)],
    [
      'what follows is in the trace and not below the order',
      orders().map((span) => (span.name === 'work' && isOf(span, 3) ? { ...span, parentSpanId: 'lost' } : span)),
    ],
    [
      'what follows began a trace of its own',
      orders().map((span) => (span.name === 'INSERT notices' && isOf(span, 3) ? { ...span, traceId: '5' } : span)),
    ],
  ])('when %s', (_, spans) => {
    expect(() => readStory(spans, traffic)).toThrow(/4 orders were placed, but \d traces go from the request/);
  });

  test.each([
    ['slow', [...order(1, 10), ...order(2, 10, 'failed'), ...order(3, 20), ...order(4, 5, 'dead')]],
    ['dead', [...order(1, 10), ...order(2, 10, 'failed'), ...order(3, 2000), ...order(4, 5)]],
  ])('when no trace is %s', (kind, spans) => {
    expect(() => readStory(spans, traffic)).toThrow(`no ${kind} trace among the 4 orders`);
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
