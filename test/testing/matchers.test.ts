import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import * as assertions from '../../src/testing/assertions.ts';
import { keeptraceMatchers } from '../../src/testing/matchers.ts';
import type { TestSpan } from '../../src/testing/test-span.ts';
import { exception, spansOf } from './spans.ts';

expect.extend(keeptraceMatchers);

const order = spansOf(
  { name: 'POST /orders', kind: 'server', attributes: { 'http.route': '/orders', 'http.response.status_code': 201 } },
  { name: 'INSERT orders', kind: 'client', parent: 1, attributes: { 'db.system.name': 'postgresql' } },
  { name: 'publish orders', kind: 'producer', parent: 1, status: { code: 'error', message: 'queue is full' } },
);
/** As it stands at the foot of a message. */
const foot = [
  'The spans:',
  '  POST /orders        shop',
  '  ├─ INSERT orders    shop   postgresql',
  '  └─ publish orders   shop   ✕ queue is full',
];

type Name = keyof typeof keeptraceMatchers;
/** What the matcher says, whether it passes or not. */
function answer(name: Name, spans: unknown, ...wanted: unknown[]): { pass: boolean; lines: string[] } {
  const matcher = keeptraceMatchers[name] as (
    spans: unknown,
    ...wanted: unknown[]
  ) => ReturnType<typeof keeptraceMatchers.toHaveSpan>;
  const { pass, message } = matcher(spans, ...wanted);
  return { pass, lines: message().split('\n') };
}
const fails = (lines: string[]) => ({ pass: false, lines });
const passes = (lines: string[]) => ({ pass: true, lines });

describe('toHaveSpan', () => {
  test.each([
    ['a name', 'INSERT orders'],
    ['a pattern', /^INSERT/],
    [
      'kind, attributes and parent',
      { kind: 'client', attributes: { 'db.system.name': /^postgres/ }, parent: 'POST /orders' },
    ],
    ['status and message', { status: 'error', message: /full/ }],
    ['a root', { name: 'POST /orders', parent: null, service: 'shop' }],
    ['a matcher of the runner', { attributes: { 'http.response.status_code': expect.any(Number) } }],
    ['an attribute that is not there', { name: 'INSERT orders', attributes: { 'db.query.text': undefined } }],
    ['nothing in particular', {}],
  ])('passes for %s', (_, wanted) => {
    expect(answer('toHaveSpan', order, wanted).pass).toBe(true);
  });

  test('fails with the nearest span, and what of it does not fit', () => {
    const wanted = {
      name: 'INSERT order',
      kind: 'client' as const,
      attributes: { 'db.system.name': 'mysql', 'db.operation.name': 'INSERT' },
      parent: 'GET /orders',
    };
    expect(answer('toHaveSpan', order, wanted)).toEqual(
      fails([
        'There is no client "INSERT order" db.system.name="mysql" db.operation.name="INSERT" under "GET /orders".',
        'The nearest is client "INSERT orders":',
        '  name: wanted "INSERT order", found "INSERT orders"',
        '  db.system.name: wanted "mysql", found "postgresql"',
        '  db.operation.name: wanted "INSERT", found nothing',
        '  parent: wanted "GET /orders", found server "POST /orders"',
        ...foot,
      ]),
    );
  });

  test('tells an event, a status and a root that are not so', () => {
    const spans = spansOf({ name: 'pay', parent: 9, events: [exception()] });
    expect(answer('toHaveSpan', spans, { status: 'error', event: 'retry', parent: null }).lines).toEqual([
      'There is no span status="error" event="retry" without a parent.',
      'The nearest is internal "pay":',
      '  status: wanted "error", found "unset"',
      '  event: wanted "retry", found "exception"',
      '  parent: wanted null, found a span that is not here',
      'The spans:',
      '  pay   shop   ? parent not here',
    ]);
  });

  test('its opposite fails with how often it is there', () => {
    expect(answer('toHaveSpan', order, /orders/)).toEqual(passes(['There is a span /orders/, 3 times.', ...foot]));
  });

  test('fails where there is nothing at all', () => {
    expect(answer('toHaveSpan', [], 'x')).toEqual(fails(['There is no span "x".', 'There is no span at all.']));
  });

  test('a pattern with the flag g means the same every time', () => {
    const pattern = /orders/g;
    expect([1, 2, 3].map(() => answer('toHaveSpan', spansOf({ name: 'orders' }), pattern).pass)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test.each([
    ['kind', { name: 'INSERT orders', kind: 'server' as const }, '  kind: wanted "server", found "client"'],
    ['message', { name: 'publish orders', message: 'empty' }, '  message: wanted "empty", found "queue is full"'],
    ['service', { name: 'POST /orders', service: 'payments' }, '  service: wanted "payments", found "shop"'],
  ])('fails for another %s', (_, wanted, line) => {
    const { pass, lines } = answer('toHaveSpan', order, wanted);
    expect([pass, lines[2]]).toEqual([false, line]);
  });

  test('of those that differ by the name alone, the one of the closest name is the nearest', () => {
    expect(answer('toHaveSpan', order, 'publish order').lines[1]).toBe('The nearest is producer "publish orders":');
  });
});

describe('toHaveSpanTree', () => {
  test.each([
    ['as spanTree prints it', 'POST /orders\n├─ INSERT orders    postgresql\n└─ publish orders   ✕ queue is full'],
    [
      'indented by two spaces a level, within a template',
      `
      POST /orders
        INSERT orders   postgresql
        publish orders   ✕ queue is full
    `,
    ],
    ['with any spans before', 'POST /orders\n├─ …\n└─ publish orders   ✕ queue is full'],
    ['with any spans after', 'POST /orders\n├─ INSERT orders   postgresql\n└─ …'],
    [
      'with any spans that are none',
      'POST /orders\n├─ INSERT orders   postgresql\n├─ …\n└─ publish orders   ✕ queue is full',
    ],
    ['with nothing but the root', 'POST /orders\n└─ …'],
    ['with anything', '…'],
  ])('passes for the tree %s', (_, text) => {
    expect(answer('toHaveSpanTree', order, text).pass).toBe(true);
  });

  test('fails with the lines that differ', () => {
    expect(
      answer(
        'toHaveSpanTree',
        order,
        'POST /orders\n├─ INSERT order   postgresql\n└─ publish orders   ✕ queue is full',
      ),
    ).toEqual(
      fails([
        'The spans do not make this tree (- expected, + found):',
        '  POST /orders',
        '- ├─ INSERT order   postgresql',
        '+ ├─ INSERT orders   postgresql',
        '  └─ publish orders   ✕ queue is full',
      ]),
    );
  });

  test('fails with both trees where a line stands for any spans', () => {
    expect(answer('toHaveSpanTree', order, 'POST /orders\n├─ …\n└─ INSERT orders   postgresql')).toEqual(
      fails([
        'The spans do not make this tree:',
        '  POST /orders',
        '  ├─ …',
        '  └─ INSERT orders   postgresql',
        'They make:',
        '  POST /orders',
        '  ├─ INSERT orders   postgresql',
        '  └─ publish orders   ✕ queue is full',
      ]),
    );
  });

  test.each([
    [
      'a child that is elsewhere',
      'POST /orders\n└─ INSERT orders   postgresql\n   └─ publish orders   ✕ queue is full',
    ],
    ['a child too few', 'POST /orders\n└─ INSERT orders   postgresql'],
    ['a root too many', 'POST /orders\n└─ …\nGET /'],
    ['any spans under the wrong span', 'POST /orders\n└─ INSERT orders   postgresql\n   └─ …'],
  ])('fails for %s', (_, text) => {
    expect(answer('toHaveSpanTree', order, text).pass).toBe(false);
  });

  test('prints what the options ask for', () => {
    expect(
      answer('toHaveSpanTree', order, 'server POST /orders   shop\n└─ …', { kinds: true, services: true }).pass,
    ).toBe(true);
  });

  test('its opposite fails with the tree', () => {
    expect(answer('toHaveSpanTree', order.slice(0, 1), 'POST /orders')).toEqual(
      passes(['The spans make this tree:', '  POST /orders']),
    );
  });

  test('ten lines of any spans among hundreds of siblings cost no time', () => {
    const spans = spansOf({ name: 'root' }, ...Array.from({ length: 300 }, () => ({ name: 'x', parent: 1 })));
    const text = ['root', ...Array.from({ length: 10 }, () => '├─ …\n├─ x'), '└─ y'].join('\n');
    const start = performance.now();
    expect(answer('toHaveSpanTree', spans, text).pass).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('toBeOneTrace', () => {
  const two = [...order, ...spansOf({ name: 'process orders', kind: 'consumer', trace: 'b' })];
  test('passes for one, and its opposite says so', () => {
    expect(answer('toBeOneTrace', order)).toEqual(passes(['All spans are of one trace.', ...foot]));
  });
  test('fails with what the traces begin with', () => {
    expect(answer('toBeOneTrace', two)).toEqual(
      fails([
        'There are 2 traces, which begin with: server "POST /orders", consumer "process orders". Where one should go on, its context was lost.',
        'The spans:',
        '  POST /orders        shop',
        '  ├─ INSERT orders    shop   postgresql',
        '  └─ publish orders   shop   ✕ queue is full',
        '',
        '  process orders   shop',
      ]),
    );
  });
});

describe('toHaveNoOrphans', () => {
  test('passes where every parent is here', () => {
    expect(answer('toHaveNoOrphans', order)).toEqual(passes(['Every span has its parent here.', ...foot]));
  });
  test('fails with the spans whose parent is not', () => {
    expect(answer('toHaveNoOrphans', spansOf({ name: 'a' }, { name: 'b', parent: 255 }))).toEqual(
      fails([
        'Spans without their parent:',
        '  internal "b": its parent 00000000000000ff is not here',
        'The spans:',
        '  a   shop',
        '  b   shop   ? parent not here',
      ]),
    );
  });
  test('a parent of the same id in another trace is none', () => {
    const spans = spansOf({ name: 'a', id: 1 }, { name: 'b', parent: 1, trace: 'b' });
    expect(answer('toHaveNoOrphans', spans).pass).toBe(false);
  });
});

describe('toHaveAllSpansEnded', () => {
  test('passes for received spans and for captured ones that ended', () => {
    expect(answer('toHaveAllSpansEnded', [...order, ...spansOf({ ended: true, parent: 1, id: 9 })]).pass).toBe(true);
  });
  test('fails with the spans that nobody ended, and whose they are', () => {
    expect(
      answer('toHaveAllSpansEnded', spansOf({ name: 'load', ended: true }, { name: 'job', parent: 1, ended: false })),
    ).toEqual(
      fails([
        'Spans that were started and not ended:',
        '  internal "job" (of test)',
        'The spans:',
        '  load     shop',
        '  └─ job   shop   ? not ended',
      ]),
    );
  });
});

describe('toHaveLowCardinalityNames', () => {
  test.each([
    'GET /orders/:id',
    'GET /v2/orders/{id}',
    'SELECT public.orders2',
    'HTTP',
    's3.PutObject',
    'GET /.well-known/acme',
    'pg-pool.connect',
    'deadbeef cafe',
    'step 1',
    'OrderServiceWithAVeryLongName/PlaceOrderAndNotify',
  ])('passes for %s', (name) => {
    expect(answer('toHaveLowCardinalityNames', spansOf({ name })).pass).toBe(true);
  });

  test.each([
    ['GET /orders/7', 'a number: 7'],
    ['order 4711', 'a number: 4711'],
    ['job 7c9e6679-7425-40de-944b-e07fc1f90ae7', 'a UUID: 7c9e6679-7425-40de-944b-e07fc1f90ae7'],
    ['cart/65f1a2b3c4d5e6f708192a3b', 'a hexadecimal id: 65f1a2b3c4d5e6f708192a3b'],
    ['mail ada@example.com', 'an e-mail address: ada@example.com'],
    ['session aB3dE5gH7jK9mN1pQ3sT5', 'a token: aB3dE5gH7jK9mN1pQ3sT5'],
  ])('fails for %s', (name, what) => {
    expect(answer('toHaveLowCardinalityNames', spansOf({ name }))).toEqual(
      fails([
        'Names that vary with the input:',
        `  internal "${name}" holds ${what}`,
        'The spans:',
        `  ${name}   shop`,
      ]),
    );
  });

  test('fails where a second run has other names', () => {
    const [first, second] = [
      spansOf({ name: 'load' }, { name: 'buy shoes', parent: 1 }),
      spansOf({ name: 'load' }, { name: 'buy socks', parent: 1 }),
    ];
    expect(answer('toHaveLowCardinalityNames', first, second)).toEqual(
      fails([
        'Names that vary with the input:',
        '  internal "buy shoes" is in the first run only',
        '  internal "buy socks" is in the second run only',
        'The spans:',
        '  load           shop',
        '  └─ buy shoes   shop',
      ]),
    );
    expect(answer('toHaveLowCardinalityNames', first, first).pass).toBe(true);
  });
});

describe('toHaveRequiredAttributes', () => {
  const http = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
  test.each([
    ['an HTTP server', { kind: 'server', attributes: { ...http, 'http.route': '/x' } }],
    [
      'a request that no route was there for',
      { kind: 'server', attributes: { ...http, 'http.response.status_code': 404 } },
    ],
    [
      'a client that left',
      {
        kind: 'server',
        attributes: { 'http.request.method': 'GET', 'http.route': '/x', 'keeptrace.client_left': true },
      },
    ],
    ['an RPC server', { kind: 'server', attributes: { 'rpc.system': 'grpc', 'rpc.method': 'Place' } }],
    ['an HTTP client', { kind: 'client', attributes: { ...http, 'server.address': 'a' } }],
    ['a database by its older names', { kind: 'client', attributes: { 'db.system': 'redis', 'db.operation': 'GET' } }],
    [
      'messaging',
      { kind: 'producer', attributes: { 'messaging.system': 'aws_sqs', 'messaging.destination.name': 'q' } },
    ],
    ['work of the app', { kind: 'internal' }],
  ] as const)('passes for %s', (_, spec) => {
    expect(answer('toHaveRequiredAttributes', spansOf(spec)).pass).toBe(true);
  });

  test.each([
    ['server', {}, '(an HTTP server) lacks http.request.method, http.route, http.response.status_code'],
    ['server', { 'rpc.system': 'grpc' }, '(an RPC) lacks rpc.method'],
    ['client', { 'http.request.method': 'GET' }, '(an HTTP client) lacks server.address, http.response.status_code'],
    ['client', { 'db.query.text': 'SELECT' }, '(a database client) lacks db.system.name, db.operation.name'],
    ['consumer', { 'messaging.system': 'nats' }, '(messaging) lacks messaging.destination.name'],
  ] as const)('fails for a %s with %o', (kind, attributes, words) => {
    expect(answer('toHaveRequiredAttributes', spansOf({ name: 'x', kind, attributes })).lines.slice(0, 2)).toEqual([
      'Attributes are missing:',
      `  ${kind} "x" ${words}`,
    ]);
  });

  test('further attributes are asked for by kind', () => {
    const spans = spansOf({ name: 'x' });
    expect(answer('toHaveRequiredAttributes', spans, { internal: ['team'] })).toEqual(
      fails(['Attributes are missing:', '  internal "x" lacks team', 'The spans:', '  x   shop']),
    );
    expect(answer('toHaveRequiredAttributes', spans, { server: ['team'] }).pass).toBe(true);
  });
});

describe('toContainNoSecrets', () => {
  const token = 'sk_live_4eC39HqLyjWDarjtT1';
  test('passes for clean spans', () => {
    expect(answer('toContainNoSecrets', order, [/Bearer /, 'hunter2']).pass).toBe(true);
  });

  test.each([
    ['an attribute', { attributes: { note: `key ${token}` } }, 'attribute note'],
    ['an attribute by its name', { attributes: { password: 'hunter2hunter2' } }, 'attribute password'],
    [
      'an event',
      { events: [exception({ 'exception.message': `no ${token}` })] },
      'event exception, attribute exception.message',
    ],
    ['the status message', { status: { code: 'error' as const, message: `no ${token}` } }, 'status message'],
    ['the name', { name: `pay ${token}` }, 'name'],
  ])('fails for a secret in %s, without showing it', (_, spec, place) => {
    const { pass, lines } = answer('toContainNoSecrets', spansOf(spec));
    expect(pass).toBe(false);
    expect(lines[0]).toBe('Secrets would leave the process:');
    expect(lines[1]).toContain(`, ${place}: keeptrace would hide it: `);
    expect(lines.join('\n')).not.toMatch(/4eC39|hunter2h/);
  });

  test.each([
    ['a pattern', /Customer-\d+/, 'fits /Customer-\\d+/'],
    ['a text', 'Customer-17', 'fits a text of the list'],
  ])('fails for %s of the test', (_, pattern, words) => {
    const spans = spansOf({ name: 'x', resource: { 'service.name': 'shop', owner: 'Customer-17' } });
    expect(answer('toContainNoSecrets', spans, [pattern])).toEqual(
      fails([
        'Secrets would leave the process:',
        `  internal "x", resource attribute owner: ${words}: Cust… (11 characters)`,
      ]),
    );
  });
});

describe('toHaveAtMost', () => {
  const loop = spansOf(
    { name: 'GET /' },
    { name: 'SELECT a', parent: 1 },
    { name: 'SELECT a', parent: 1 },
    { name: 'SELECT b', parent: 1 },
  );
  test('passes at the bound', () => {
    expect(answer('toHaveAtMost', loop, 3, /^SELECT/).pass).toBe(true);
    expect(answer('toHaveAtMost', loop, 2, { name: 'SELECT a' }).pass).toBe(true);
  });
  test('fails beyond it', () => {
    expect(answer('toHaveAtMost', loop, 2, { name: /^SELECT/ })).toEqual(
      fails([
        'There are 3 of span /^SELECT/, at most 2 wanted.',
        'The spans:',
        '  GET /         shop',
        '  ├─ SELECT a   shop',
        '  ├─ SELECT a   shop',
        '  └─ SELECT b   shop',
      ]),
    );
  });
});

describe('toBeKept and toBeDropped', () => {
  const kept = spansOf({ name: 'POST /' }, { name: 'pay', parent: 1, attributes: { 'keeptrace.reason': 'error' } });
  const plain = spansOf({ name: 'GET /', trace: 'b', flags: 0x101 });
  test('what a rule keeps is kept, for its reason', () => {
    expect(answer('toBeKept', kept).pass).toBe(true);
    expect(answer('toBeKept', kept, 'error')).toEqual(
      passes(['1 trace would be kept for the reason error:', '  POST /: kept, error']),
    );
    expect(answer('toBeKept', plain, 'ratio').pass).toBe(true);
    expect(answer('toBeDropped', plain).pass).toBe(true);
  });
  test('fails with what becomes of each trace', () => {
    expect(answer('toBeKept', [...kept, ...plain])).toEqual(
      fails([
        'Of 2 traces, 1 would not be kept:',
        '  GET /: no rule keeps it, so only the sample ratio may',
        'The spans:',
        '  POST /   shop',
        '  └─ pay   shop',
        '',
        '  GET /   shop',
      ]),
    );
    expect(answer('toBeKept', kept, 'slow').lines.slice(0, 2)).toEqual([
      'Of 1 trace, 1 would not be kept for the reason slow:',
      '  POST /: kept, error',
    ]);
    expect(answer('toBeDropped', kept).lines.slice(0, 2)).toEqual([
      'Of 1 trace, 1 would not be dropped outside of the sample ratio:',
      '  POST /: kept, error',
    ]);
  });
  test('a reason of chance is none', () => {
    const head = spansOf({ attributes: { 'keeptrace.reason': 'head' } });
    expect(answer('toBeDropped', head).pass).toBe(true);
  });
});

test.each([
  ['toBeOneTrace', []],
  ['toHaveNoOrphans', []],
  ['toHaveAllSpansEnded', []],
  ['toHaveLowCardinalityNames', []],
  ['toHaveRequiredAttributes', []],
  ['toContainNoSecrets', []],
  ['toHaveAtMost', [2, 'x']],
  ['toBeKept', []],
  ['toBeDropped', []],
  ['toHaveSpanTree', ['…x']],
] as [Name, unknown[]][])('%s is not green for nothing: it fails without a span', (name, wanted) => {
  expect(answer(name, [], ...wanted)).toEqual(fails(['There is no span at all.']));
});

test.each([
  [Promise.resolve([]), 'this is a promise: await it first'],
  [undefined, 'this is undefined'],
  ['x', 'this is string'],
])('%o is no spans, and the message says so', (given, words) => {
  expect(() => keeptraceMatchers.toBeOneTrace(given)).toThrow(words);
});

test('every matcher has a plain function, which throws an AssertionError with the same words', () => {
  const calls: [(spans: readonly TestSpan[]) => void, Name, unknown[]][] = [
    [(spans) => assertions.assertHasSpan(spans, 'x'), 'toHaveSpan', ['x']],
    [(spans) => assertions.assertHasSpanTree(spans, 'x'), 'toHaveSpanTree', ['x']],
    [assertions.assertOneTrace, 'toBeOneTrace', []],
    [assertions.assertNoOrphans, 'toHaveNoOrphans', []],
    [assertions.assertAllSpansEnded, 'toHaveAllSpansEnded', []],
    [(spans) => assertions.assertLowCardinalityNames(spans), 'toHaveLowCardinalityNames', []],
    [(spans) => assertions.assertRequiredAttributes(spans), 'toHaveRequiredAttributes', []],
    [(spans) => assertions.assertNoSecrets(spans), 'toContainNoSecrets', []],
    [(spans) => assertions.assertAtMost(spans, 1, /./), 'toHaveAtMost', [1, /./]],
    [(spans) => assertions.assertKept(spans), 'toBeKept', []],
    [assertions.assertDropped, 'toBeDropped', []],
  ];
  const wrong = spansOf(
    { name: 'a 4711', kind: 'server', ended: false, attributes: { password: 'hunter2' } },
    { name: 'b', trace: 'b', parent: 7, attributes: { 'keeptrace.reason': 'slow' } },
  );
  expect(calls.map(([, name]) => name)).toEqual(Object.keys(keeptraceMatchers));
  for (const [assertion, name, wanted] of calls) {
    let thrown: unknown;
    try {
      assertion(wrong);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, name).toBeInstanceOf(AssertionError);
    expect((thrown as Error).message.split('\n'), name).toEqual(answer(name, wrong, ...wanted).lines);
  }
  expect(() => assertions.assertHasSpan(order, 'INSERT orders')).not.toThrow();
});

test('expect knows them, and their opposites', () => {
  expect(order).toHaveSpan('INSERT orders');
  expect(order).not.toHaveSpan('DELETE orders');
  expect(order).toBeOneTrace();
  expect(() => expect(order).not.toBeOneTrace()).toThrow('All spans are of one trace.');
  expect(() => expect(order).toHaveSpan('DELETE orders')).toThrow('There is no span "DELETE orders".');
});
