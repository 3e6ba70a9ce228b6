import { context, INVALID_SPAN_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectVariables as projectsOfConfig } from '../../src/config/resolve-logs.ts';
import { fieldsMaker, projectVariables, traceFields } from '../../src/logs/log-fields.ts';

const manager = new AsyncLocalStorageContextManager().enable();
beforeAll(() => {
  context.setGlobalContextManager(manager);
});
afterAll(() => context.disable());

const spanContext: SpanContext = {
  traceId: 'd879b24b142bef820a12ab8c708050dd',
  spanId: 'fedcba9876543210',
  traceFlags: 1,
};

const inside = <T>(given: SpanContext, run: () => T): T =>
  context.with(trace.setSpan(context.active(), trace.wrapSpanContext(given)), run);

test('the names are OpenTelemetry’s unless others are asked for', () => {
  const { traceId: trace_id, spanId: span_id } = spanContext;
  inside(spanContext, () => {
    expect(traceFields()).toEqual({ trace_id, span_id, trace_flags: '01' });
    expect(traceFields('otel')).toEqual(traceFields());
    expect(traceFields('ecs')).toEqual({ 'trace.id': trace_id, 'span.id': span_id });
    expect(traceFields('datadog')).toEqual({ 'dd.trace_id': trace_id, 'dd.span_id': '18364758544493064720' });
    // Plain JavaScript may ask for anything.
    for (const other of ['elastic', 'constructor', '__proto__']) {
      expect(traceFields(other as 'otel')).toEqual(traceFields());
    }
  });
});

test.each([
  [0, '00'],
  [1, '01'],
  [3, '03'],
  [0xff, 'ff'],
])('flags %d are written %s', (traceFlags, expected) => {
  inside({ ...spanContext, traceFlags }, () => expect(traceFields()).toMatchObject({ trace_flags: expected }));
});

test('flags are read line by line, since a trace may come to be kept in between', () => {
  const changing = { ...spanContext, traceFlags: 0 };
  inside(changing, () => {
    expect(traceFields()).toMatchObject({ trace_flags: '00' });
    changing.traceFlags = 1;
    expect(traceFields()).toMatchObject({ trace_flags: '01' });
    expect(traceFields('google')).toMatchObject({ 'logging.googleapis.com/trace_sampled': true });
  });
});

test('the number of a span is that of the span, also when the next one follows', () => {
  for (const [spanId, decimal] of [
    ['0000000000000001', '1'],
    ['ffffffffffffffff', '18446744073709551615'],
    ['0000000000000001', '1'],
  ] as const) {
    inside({ ...spanContext, spanId }, () => expect(traceFields('datadog')).toMatchObject({ 'dd.span_id': decimal }));
  }
});

test('each line gets an object of its own, for loggers lay the line over it', () => {
  const make = fieldsMaker('otel');
  inside(spanContext, () => {
    const first = make();
    if (first) first.trace_id = 'changed';
    expect(make()).toMatchObject({ trace_id: spanContext.traceId });
  });
});

test('outside of any span, and in one that is invalid, there are none', () => {
  expect(traceFields()).toEqual({});
  expect(fieldsMaker('ecs')()).toBeUndefined();
  inside(INVALID_SPAN_CONTEXT, () => expect(traceFields('datadog')).toEqual({}));
  inside({ ...spanContext, spanId: 'nonsense' }, () => expect(traceFields('datadog')).toEqual({}));
});

test('a span that throws costs the fields and nothing else', () => {
  const broken = { spanContext: () => JSON.parse('') } as ReturnType<typeof trace.wrapSpanContext>;
  context.with(trace.setSpan(context.active(), broken), () => expect(traceFields()).toEqual({}));
});

test('the project of Google Cloud is looked for where the settings look for it', () => {
  expect(projectVariables).toEqual(projectsOfConfig);
});
