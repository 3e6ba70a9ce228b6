import { ROOT_CONTEXT } from '@opentelemetry/api';
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { guardProcessor } from '../../src/provider/guarded-processor.ts';

test('a processor that throws everywhere does not reach the code that makes spans', () => {
  const fail = () => {
    throw new Error('mine');
  };
  const hostile = { onStart: fail, onEnding: fail, onEnd: fail, forceFlush: fail, shutdown: fail } as SpanProcessor;
  const use = (processor: SpanProcessor) =>
    new TracerProvider({ spanProcessors: [processor] }).getTracer('t').startSpan('a', {}, ROOT_CONTEXT).end();
  expect(() => use(hostile)).toThrow('mine');
  expect(() => use(guardProcessor(hostile))).not.toThrow();
});
