import { describe, expect, test } from 'vitest';
import { answer, fails, foot, order, passes } from '../answers.ts';
import { exception, spansOf } from '../spans.ts';

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
    ['a matcher of the runner for the name', expect.stringContaining('INSERT')],
    ['one within more', { name: expect.stringMatching(/^INSERT/), parent: expect.stringContaining('POST') }],
    ['one for the whole span', expect.objectContaining({ name: 'INSERT orders', kind: 'client' })],
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

  test('fails for a matcher of the runner that does not fit, and shows what it asks for', () => {
    const wanted = { name: expect.stringContaining('DELETE'), attributes: { 'db.system.name': expect.any(Number) } };
    expect(answer('toHaveSpan', order, wanted).lines.slice(0, 4)).toEqual([
      'There is no span StringContaining "DELETE" db.system.name=Any<Number>.',
      'The nearest is server "POST /orders":',
      '  name: wanted StringContaining "DELETE", found "POST /orders"',
      '  db.system.name: wanted Any<Number>, found nothing',
    ]);
    expect(answer('toHaveSpan', order, expect.stringContaining('DELETE')).pass).toBe(false);
    expect(answer('toHaveSpan', order, expect.objectContaining({ name: 'DELETE' })).pass).toBe(false);
  });

  // Otherwise a typing error would fit every span, and a test with `not` would never fail.
  test.each([
    ['toHaveSpan', [{ nmae: 'x' }], 'nmae is nothing that can be wanted of a span'],
    ['toHaveAtMost', [1, { attribute: {} }], 'attribute is nothing that can be wanted of a span'],
    ['toHaveSpan', [{ kind: 'sever' }], '"sever" is no kind'],
    ['toHaveSpan', [{ status: 'failed' }], '"failed" is no status'],
    ['toHaveSpan', [undefined], 'undefined is nothing that can be wanted of a span'],
    ['toHaveAtMost', ['x', 1], '1 is nothing that can be wanted of a span'],
  ] as const)('%s throws for %j', (name, wanted, message) => {
    expect(() => answer(name, order, ...wanted)).toThrow(message);
    expect(() => answer(name, [], ...wanted)).toThrow(message);
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
