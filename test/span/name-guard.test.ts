import { diag } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { createNameGuard } from '../../src/span/name-guard.ts';

afterEach(() => diag.disable());

function listen() {
  const warn = vi.fn();
  diag.setLogger({ warn, error() {}, info() {}, debug() {}, verbose() {} });
  return warn;
}

test('a few names, however often, are nobody’s business', () => {
  const warn = listen();
  const guard = createNameGuard(3);
  for (let i = 0; i < 1_000; i += 1) guard(`step ${i % 3}`);
  expect(warn).not.toHaveBeenCalled();
});

test('names made of values are told once, with the way out', () => {
  const warn = listen();
  const guard = createNameGuard(3);
  for (let i = 0; i < 1_000; i += 1) guard(`order ${i}`);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('"order 3"');
  expect(warn.mock.calls[0]?.[0]).toContain('attributes');
});
