import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  connectionCauses,
  connectionFailure,
  statusCauses,
  statusFailure,
} from '../../../src/export/destination/failure-causes.ts';
import { startBlockedListener } from '../../faults/blocked-listener.ts';
import { closeRigs, createRig } from '../rig.ts';

afterEach(closeRigs);

const url = 'http://collector:4318/v1/traces';

describe('the catalogue', () => {
  test.each([...Object.entries(connectionCauses), ...Object.entries(statusCauses)])(
    '%s has a clause and a whole sentence to act on',
    (_code, [what, fix]) => {
      expect(what).toMatch(/^[a-z].*[^.]$/);
      expect(fix).toMatch(/^[A-Z].*[.?]$/);
      expect(what.length + fix.length).toBeLessThan(260);
      // The same words stand in lines about spans that are lost.
      expect(fix).not.toMatch(/sent later|spans wait/i);
    },
  );
});

test('the doubled path is recognised', () => {
  const failure = statusFailure(404, `${url}/v1/traces`, { location: undefined, said: '' });
  expect(failure.fix).toBe('Write OTEL_EXPORTER_OTLP_ENDPOINT without /v1/traces: it is appended.');
});

test('several addresses of one name fail as one, told by the first', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  expect(connectionFailure(new AggregateError([refused, refused]), url)).toMatchObject({ code: 'ECONNREFUSED' });
});

test.each([undefined, null, 'text', new Error('no code'), { code: 7 }])('%j is told without knowing it', (error) => {
  expect(connectionFailure(error, url)).toMatchObject({ code: 'UNKNOWN', what: `${url} cannot be reached (UNKNOWN)` });
});

test('an unknown status still has words', () => {
  expect(statusFailure(418, url, { location: undefined, said: 'teapot' }).what).toBe(
    `${url} refuses the spans (418): “teapot”`,
  );
});

test.each([
  ['//[', 'elsewhere'],
  ['/login?next=key', 'http://collector:4318/login'],
  ['data:text/plain,x', 'elsewhere'],
])('a redirect to %j is told as %j', (location, told) => {
  const { what } = statusFailure(302, url, { location, said: '' });
  expect(what).toBe(`${url} redirects (302) to ${told}, which is not followed`);
});

test('a gRPC port is recognised by what it answers', async () => {
  // What an HTTP/2 server sends first: a SETTINGS frame.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(Buffer.from('00000604000000000000030000006400', 'hex'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { spans, events, collector } = await createRig({ otlp: { url: `http://127.0.0.1:${port}/v1/traces` } });
  spans(1);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure.fix).toContain('gRPC port');
  server.close();
});

test('a connection that is never made is given up long before the attempt would be', async () => {
  const blocked = await startBlockedListener();
  const { spans, events, collector, balance } = await createRig({
    limits: { connectMs: 300 },
    otlp: { url: `http://127.0.0.1:${blocked.port}/v1/traces`, exportTimeoutMs: 30_000 },
  });
  spans(3);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure).toMatchObject({ code: 'ETIMEDOUT', fix: 'Check the firewall and the address.' });
  expect(balance()).toMatchObject({ queued: 3 });
  await blocked.close();
});

test('a header that HTTP does not allow is told, not thrown', async () => {
  const { pipeline, spans, events } = await createRig({ otlp: { headers: { 'x-key': 'a\nb' } } });
  spans(3);
  await pipeline.flush(1_000);
  expect(pipeline.stats()).toMatchObject({ rejected: 3 });
  expect(events.rejected[0]!.failure.fix).toContain('OTEL_EXPORTER_OTLP_HEADERS');
  expect(JSON.stringify(events.rejected)).not.toContain('a\\nb');
});

test('a name that does not resolve keeps the spans waiting', async () => {
  const { spans, events, collector, balance } = await createRig({
    otlp: { url: 'http://no-such-host.invalid/v1/traces' },
  });
  spans(3);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure.what).toContain('does not resolve');
  expect(balance()).toMatchObject({ queued: 3 });
});

test('a name that resolves again costs nothing', async () => {
  let broken = true;
  const { spans, events, collector, balance, pipeline } = await createRig();
  const { port } = new URL(collector.url);
  const named = await createRig({
    collector,
    otlp: {
      url: `http://otel.test:${port}/v1/traces`,
      lookup: (name, options, done) => {
        const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
        if (broken) done(error, '', 4);
        else if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
        else done(null, '127.0.0.1', 4);
      },
    },
  });
  named.spans(600);
  await collector.until(() => named.events.retrying.length >= 3);
  expect(named.events.retrying[0]!.failure.code).toBe('ENOTFOUND');
  broken = false;
  await collector.until(() => named.pipeline.stats().accepted === 600);
  expect(named.balance()).toMatchObject({ ended: 600, rejected: 0, dropped: {} });
  // Somebody else on the same machine has nothing to do with it.
  spans(1);
  await pipeline.flush(1_000);
  expect([events.retrying.length, balance().accepted]).toEqual([0, 1]);
});
