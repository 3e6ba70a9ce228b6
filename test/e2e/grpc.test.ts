import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { decodeTraces } from '../../src/receiver/otlp-decode.ts';
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

async function run(env: Record<string, string>) {
  const app = runApp({
    args: ['--import', 'keeptrace/register', join(import.meta.dirname, 'fixtures/one-span.mjs')],
    env: { OTEL_SERVICE_NAME: 'grpc', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', ...env },
  });
  const { code } = await app.exit;
  return { code, stderr: app.stderr() };
}

test('with protocol grpc the spans arrive at a gRPC server, headers included', async () => {
  const spans: ReceivedSpan[] = [];
  let key: unknown;
  const server = new Server();
  server.addService(
    {
      export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (value: Buffer) => value,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      export: (
        call: { request: Buffer; metadata: { get(name: string): unknown[] } },
        answer: (error: null, reply: Buffer) => void,
      ) => {
        spans.push(...decodeTraces(call.request, 'protobuf'));
        key = call.metadata.get('x-api-key')[0];
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const { code, stderr } = await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=secret-1',
  });
  server.forceShutdown();
  expect(code).toBe(0);
  expect(spans.map((span) => span.name)).toEqual(['one span']);
  expect(key).toBe('secret-1');
  expect(stderr).toContain('first batch accepted, 1 span');
  expect(stderr).not.toContain('secret-1');
});

test('a gRPC server that is not there does not hold up a finished app, and is named', async () => {
  const started = performance.now();
  const { code, stderr } = await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '1000',
  });
  expect(code).toBe(0);
  expect(performance.now() - started).toBeLessThan(4000);
  expect(stderr).toMatch(/lost 1 span/);
});
