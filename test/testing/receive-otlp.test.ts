import { expect, test } from 'vitest';
import { receiveOtlp } from '../../src/testing/receive-otlp.ts';

const send = (url: string, ...spans: [trace: string, id: string, name: string][]) =>
  fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: spans.map(([trace, id, name]) => ({ traceId: trace.repeat(32), spanId: id.repeat(16), name })) },
          ],
        },
      ],
    }),
  });

test('spans that are sent are given by trace, and waited for without a clock', async () => {
  const otlp = await receiveOtlp();
  const both = otlp.waitFor((spans) => spans.length === 3);
  await send(otlp.url, ['a', '1', 'GET /'], ['b', '2', 'job']);
  await send(otlp.url, ['a', '3', 'SELECT']);
  expect((await both).map(({ name }) => name)).toEqual(['GET /', 'job', 'SELECT']);
  expect(otlp.traces().map((trace) => trace.map(({ name }) => name))).toEqual([['GET /', 'SELECT'], ['job']]);
  await otlp.close();
});

test('what waitFor gave stays as it was; clear forgets', async () => {
  const otlp = await receiveOtlp();
  await send(otlp.url, ['a', '1', 'first']);
  const spans = await otlp.waitFor(() => true);
  await send(otlp.url, ['a', '2', 'second']);
  expect(spans.map(({ name }) => name)).toEqual(['first']);
  expect(otlp.spans.length).toBe(2);
  otlp.clear();
  expect(otlp.spans).toEqual([]);
  expect(otlp.traces()).toEqual([]);
  await otlp.close();
});

test('a deadline says what has come', async () => {
  const otlp = await receiveOtlp();
  await send(otlp.url, ['a', '1', 'GET /']);
  await expect(otlp.waitFor((spans) => spans.length === 2, 20)).rejects.toThrow(
    /did not arrive in 20 ms; 1 spans.*GET \//s,
  );
  await otlp.close();
});

test('it can be told its port, and disposed of', async () => {
  const first = await receiveOtlp();
  const port = Number(new URL(first.url).port);
  await first[Symbol.asyncDispose]();
  const second = await receiveOtlp({ port });
  expect(second.url).toBe(first.url);
  await expect(receiveOtlp({ port })).rejects.toThrow('EADDRINUSE');
  await second.close();
});
