import { describe, expect, test } from 'vitest';
import { answer, fails } from '../answers.ts';
import { spansOf } from '../spans.ts';

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
