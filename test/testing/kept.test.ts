import { expect, test } from 'vitest';
import { startTracing } from '../../src/init-tracing.ts';
import { keepTrace } from '../../src/sampling/keep-trace.ts';
import { withSpan } from '../../src/span/with-span.ts';
import { captureSpans } from '../../src/testing/capture-spans.ts';
import { keeptraceMatchers } from '../../src/testing/matchers.ts';
import { traceForTests, useConductor } from '../../src/testing/quiet-tracing.ts';
import { runningTracing } from '../../src/tracing.ts';

expect.extend(keeptraceMatchers);
useConductor({ startTracing });
traceForTests({ slowMs: 400, environment: 'production', serviceName: 'shop' });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('an error keeps its trace', async () => {
  const spans = await captureSpans(() =>
    withSpan('order', () => {
      try {
        withSpan('pay', () => {
          throw new Error('declined');
        });
      } catch {}
    }),
  );
  expect(spans).toBeKept('error');
  expect(spans).not.toBeDropped();
});

test('a slow request keeps its trace, by the setting slowMs', async () => {
  expect(await captureSpans(() => withSpan('order', () => wait(450)))).toBeKept('slow');
});

test('keepTrace keeps its trace', async () => {
  expect(await captureSpans(() => withSpan('order', () => keepTrace()))).toBeKept('manual');
});

test('nothing keeps a quick request that went well, in every run', async () => {
  for (let i = 0; i < 50; i += 1) {
    const spans = await captureSpans(() => withSpan('order', () => {}));
    expect(spans).toBeDropped();
    expect(spans).not.toBeKept();
    expect(spans).toBeKept('ratio');
  }
});

test('nothing is exported for it, and the settings are those that were given', () => {
  expect(runningTracing()?.settings).toMatchObject({
    exporter: 'none',
    slowMs: 400,
    serviceName: 'shop',
    lifeLines: false,
  });
});

test('options that come too late are refused, not ignored', () => {
  expect(() => traceForTests({ slowMs: 1 })).toThrow('these options would be ignored: slowMs. Call it first');
  expect(() => traceForTests()).not.toThrow();
});
