import { expect, test } from 'vitest';
import { maskDbMessage } from '../../src/span/db-message.ts';

test.each([
  ['invalid input syntax for type integer: "CANARY"', '22P02', 'invalid input syntax for type integer: "?"'],
  ['value "4711" is out of range for type integer', '22003', 'value "?" is out of range for type integer'],
  ['syntax error at or near "CANARY"', '42601', 'syntax error at or near "?"'],
  ['unterminated quoted string at or near "\'CANARY', '42601', 'unterminated quoted string at or near "?"'],
  ['column "CANARY" does not exist', '42703', 'column "?" does not exist'],
  ['no seats left for CANARY', 'P0001', 'PostgreSQL error P0001'],
  [
    'duplicate key value violates unique constraint "orders_pkey"',
    '23505',
    'duplicate key value violates unique constraint "orders_pkey"',
  ],
  ['relation "orders" does not exist', '42P01', 'relation "orders" does not exist'],
])('%s (%s)', (message, code, masked) => {
  expect(maskDbMessage(message, code)).toBe(masked);
});
