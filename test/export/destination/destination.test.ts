import { registerHooks } from 'node:module';
import { afterEach, expect, test } from 'vitest';
import { createDestination, type DestinationSettings } from '../../../src/export/destination/destination.ts';

const settings: DestinationSettings = {
  exporter: 'otlp',
  endpoint: 'http://127.0.0.1:4318/v1/traces',
  protocol: 'http/protobuf',
  headers: {},
  compression: 'none',
  exportTimeoutMs: 1_000,
  spanExporter: undefined,
};
const failureOf = (over: Partial<DestinationSettings>): unknown => {
  try {
    return createDestination({ ...settings, ...over });
  } catch (error) {
    return error;
  }
};

let hooks: ReturnType<typeof registerHooks> | undefined;
afterEach(() => hooks?.deregister());

test('missing gRPC packages are told in whole sentences that blame no variable', () => {
  hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier !== '@opentelemetry/exporter-trace-otlp-grpc') return next(specifier, context);
      throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    },
  });
  expect(failureOf({ protocol: 'grpc' })).toMatchObject({
    code: 'KEEPTRACE_DESTINATION',
    message:
      'The protocol grpc needs two packages that cannot be loaded (MODULE_NOT_FOUND). Run: npm install @opentelemetry/exporter-trace-otlp-grpc@0.301 @grpc/grpc-js, or choose the protocol http/protobuf.',
  });
});

test('a TLS file that cannot be read is told in a whole sentence', () => {
  expect(failureOf({ certificateFile: '/missing/ca.pem' })).toMatchObject({
    code: 'KEEPTRACE_DESTINATION',
    message: 'TLS files cannot be read: OTEL_EXPORTER_OTLP_CERTIFICATE=/missing/ca.pem (ENOENT).',
  });
});
