// Complete answers in a form that is not quite the usual one: what they say must count all the same, and nothing secret be said.
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { OtlpDestinationOptions } from '../../../src/export/destination/otlp-destination.ts';
import { closeRigs, createRig } from '../rig.ts';

type Answer = (request: IncomingMessage) => { status?: number; headers?: OutgoingHttpHeaders; body: string };

const servers: (() => void)[] = [];
afterEach(async () => {
  await closeRigs();
  for (const close of servers.splice(0)) close();
});

async function rigWith(answer: Answer, otlp: Partial<OtlpDestinationOptions> = {}, query = '') {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status = 200, headers = { 'content-type': 'application/json' }, body } = answer(request);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces${query}`;
  return createRig({ otlp: { url, protocol: 'http/json', ...otlp } });
}

const partial = (fields: object) => JSON.stringify({ partialSuccess: { rejectedSpans: '3', ...fields } });

describe('a partial success counts', () => {
  test.each<[string, string, OutgoingHttpHeaders?]>([
    ['with a message that is no text', partial({ errorMessage: 17 })],
    ['with a message that is an object', partial({ errorMessage: { en: 'too old' } })],
    [
      'that is said to be of identity encoding',
      partial({}),
      { 'content-type': 'text/json', 'content-encoding': 'identity' },
    ],
    ['with a content type in capitals', partial({}), { 'content-type': 'Application/JSON' }],
    ['without a content type', partial({}), {}],
    ['of a fraction more', partial({ rejectedSpans: 3.7 })],
  ])('%s', async (_, body, headers) => {
    const rig = await rigWith(() => ({ body, ...(headers && { headers }) }));
    rig.spans(10);
    await rig.pipeline.flush(2_000);
    expect(rig.pipeline.stats()).toMatchObject({ ended: 10, accepted: 7, rejected: 3 });
    expect(rig.events.rejected[0]).toMatchObject({ spans: 3, failure: { code: 'partial_success' } });
  });
});

test('a web page is none the less one for writing its type in capitals', async () => {
  const rig = await rigWith(() => ({ headers: { 'content-type': 'Text/HTML' }, body: '<html>' }));
  rig.spans(10);
  await rig.pipeline.flush(2_000);
  expect(rig.pipeline.stats()).toMatchObject({ accepted: 0, rejected: 10 });
});

test('a server that echoes the query of the endpoint, or what it decoded from a header, tells no secret', async () => {
  const basic = Buffer.from('user:CANARY-password').toString('base64');
  const rig = await rigWith(
    ({ url, headers }) => ({
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: `no ${url}; user:CANARY-password; CANARY-password; ${headers.authorization?.slice(6)}; CANARY query`,
    }),
    { headers: { authorization: `Basic ${basic}` } },
    '?tenant=CANARY%20query',
  );
  rig.spans(1);
  await rig.pipeline.flush(2_000);
  const said = rig.events.rejected[0]?.failure.what;
  expect(said).toContain('no /v1/traces?tenant=***; ***; ***; ***; ***');
  expect(said).not.toContain('CANARY');
});
