import { trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { startTracing } from '../../src/init-tracing.ts';
import { captureSpans } from '../../src/testing/capture-spans.ts';
import { useConductor } from '../../src/testing/quiet-tracing.ts';

useConductor({ startTracing });

test('where another SDK is registered, the capture says so instead of being empty', async () => {
  trace.setGlobalTracerProvider(new TracerProvider());
  await expect(captureSpans(() => {})).rejects.toThrow(
    /^captureSpans: tracing could not be set up: another OpenTelemetry SDK is registered \(TracerProvider.*Let the tests start keeptrace in its place\.$/,
  );
});
