import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepTrace, setKeeper } from '../../src/sampling/keep-trace.ts';
import { rig, th } from './keeper-rig.ts';

beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterEach(() => {
  context.disable();
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('keeptrace.keeper')];
});

const within = (span: Span, run: () => void) => context.with(trace.setSpan(ROOT_CONTEXT, span), run);

test('keeps the trace of the active span, with the reason on that span', () => {
  const r = rig();
  setKeeper(r.keeper);
  const root = r.start('GET /');
  const child = r.child(root);
  within(child, () => keepTrace('first order of a customer'));
  child.end();
  root.end();
  expect(r.names()).toEqual(['child', 'GET /']);
  expect(r.emitted[0]?.attributes).toMatchObject({
    'keeptrace.reason': 'manual',
    'keeptrace.manual': 'first order of a customer',
  });
  expect(r.emitted.map(th)).toEqual(['0', '0']);
});

test('counts towards the budget, once in a trace', () => {
  const r = rig({ keepBudget: 1 });
  setKeeper(r.keeper);
  for (let i = 0; i < 100; i++) {
    const root = r.start('GET /');
    within(root, () => {
      keepTrace();
      keepTrace();
    });
    root.end();
  }
  const { triggered, exported, throttled } = r.keeper.stats();
  expect([triggered, exported + throttled]).toEqual([100, 100]);
  expect(exported).toBeLessThan(20);
});

test('does nothing outside a span, and with tracing off', () => {
  const r = rig();
  expect(() => keepTrace('off')).not.toThrow();
  const root = r.start('GET /');
  within(root, () => keepTrace('off'));
  setKeeper(r.keeper);
  keepTrace('nowhere');
  root.end();
  expect([r.emitted, root.attributes]).toEqual([[], {}]);
});

test('never throws: a reason that cannot be a text, a keeper that fails', () => {
  setKeeper({
    trigger: vi.fn(() => {
      throw new Error('broken');
    }),
  });
  const hostile = {
    toString: () => {
      throw new Error('hostile');
    },
  };
  within(rig().start('GET /'), () => {
    expect(() => keepTrace(hostile as unknown as string)).not.toThrow();
    expect(() => keepTrace()).not.toThrow();
  });
});
