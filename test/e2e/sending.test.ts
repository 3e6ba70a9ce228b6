// The whole of it in a process of its own: what is on the wire of a trace that is kept, and of one that is not.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

interface Sent {
  MessageBody: string;
  Entries?: { MessageAttributes?: Record<string, { StringValue: string }> }[];
  MessageAttributes?: { traceparent?: { StringValue: string } };
}
const sent: Sent[] = [];
const sqs = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  sent.push(JSON.parse(text));
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end(JSON.stringify({ MessageId: 'm' }));
});
beforeAll(() => new Promise<void>((resolve) => sqs.listen(0, '127.0.0.1', resolve)));
afterAll(() => void sqs.close());

test.each([
  ['sends.mjs', '--import'],
  ['sends.cjs', '--require'],
])(
  'case 28: %s: the message of a kept trace carries the sampled flag, that of another does not',
  async (file, flag) => {
    const receiver = await startReceiver();
    sent.length = 0;
    const app = runApp({
      args: [flag, 'keeptrace/register', join(import.meta.dirname, 'fixtures', file)],
      env: {
        STUB_URL: `http://127.0.0.1:${(sqs.address() as AddressInfo).port}`,
        OTEL_SERVICE_NAME: 'sends',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0',
      },
    });
    expect((await app.exit).code, app.stderr()).toBe(0);
    const [dropped, kept] = sent.map(
      ({ MessageAttributes }) => MessageAttributes?.traceparent?.StringValue.split('-') ?? [],
    );
    expect([dropped?.[3], kept?.[3]]).toEqual(['00', '01']);
    const send = receiver.spans.find(({ name }) => name === 'send jobs');
    expect(kept?.slice(1, 3)).toEqual([send?.traceId, send?.spanId]);
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['kept', 'send jobs']);
    await receiver.close();
  },
);

test('the settings decide on baggage and on spans of messages', async () => {
  const receiver = await startReceiver();
  sent.length = 0;
  const app = runApp({
    args: ['--import', 'keeptrace/register', join(import.meta.dirname, 'fixtures/messaging/tenant.mjs')],
    env: {
      STUB_URL: `http://127.0.0.1:${(sqs.address() as AddressInfo).port}`,
      OTEL_SERVICE_NAME: 'sends',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      KEEPTRACE_MESSAGE_BAGGAGE: 'tenant:jobs,email:mails',
      KEEPTRACE_MESSAGE_SPANS: 'false',
    },
  });
  expect((await app.exit).code, app.stderr()).toBe(0);
  await receiver.close();
  expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['order', 'send jobs']);
  const carried = sent[0]?.Entries?.map(({ MessageAttributes }) => MessageAttributes?.baggage?.StringValue);
  expect(carried).toEqual(['tenant=acme', 'tenant=acme']);
});
