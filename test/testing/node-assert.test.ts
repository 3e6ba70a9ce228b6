import { expect, test } from 'vitest';
import * as assertions from '../../src/testing/assertions.ts';
import { registerAssertions } from '../../src/testing/node-assert.ts';
import { spansOf } from './spans.ts';

test('every assertion is registered, under its name without assert', () => {
  const registered = new Map<string, (...given: unknown[]) => void>();
  registerAssertions({ register: (name, assertion) => registered.set(name, assertion) });
  const plain = Object.keys(assertions).map((name) => name.slice('assert'.length));
  expect([...registered.keys()].sort()).toEqual(plain.map((name) => name[0]!.toLowerCase() + name.slice(1)).sort());
  expect(() => registered.get('hasSpan')!(spansOf({ name: 'a' }), 'a')).not.toThrow();
  expect(() => registered.get('hasSpan')!(spansOf({ name: 'a' }), 'b')).toThrow('There is no span "b".');
});
