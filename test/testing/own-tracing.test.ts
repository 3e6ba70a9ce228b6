import { afterEach, expect, test, vi } from 'vitest';
import { startTracing } from '../../src/init-tracing.ts';
import { withSpan } from '../../src/span/with-span.ts';
import { captureSpans } from '../../src/testing/capture-spans.ts';
import { traceForTests } from '../../src/testing/quiet-tracing.ts';
import { setRunningTracing } from '../../src/tracing.ts';

const own = startTracing({ exporter: 'none', lifeLines: false, sampleRatio: 0, serviceName: 'shop' });
setRunningTracing(own!);
afterEach(() => vi.useRealTimers());

test('tracing that the app has started is captured from, with its settings and its decisions', async () => {
  const spans = await captureSpans(() => withSpan('within', () => {}));
  expect(spans.map(({ name, flags, resource }) => [name, flags & 1, resource['service.name']])).toEqual([
    ['within', 0, 'shop'],
  ]);
  expect(own!.stats().sampling.dropped).toBe(1);
});

test('it goes on as it was for everything else', async () => {
  const [spans, recording] = await Promise.all([
    captureSpans(() => withSpan('within', () => {})),
    withSpan('outside', (span) => span.isRecording()),
  ]);
  expect([spans.length, recording]).toEqual([1, true]);
  expect(() => traceForTests()).not.toThrow();
});

test('a fake clock does not stop a capture', async () => {
  vi.useFakeTimers();
  const spans = await captureSpans(() => withSpan('within', (span) => void span), { timeoutMs: 50 });
  expect(spans.map(({ ended }) => ended)).toEqual([true]);
});
