// The OTLP specification 1.10, OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), a test for each sentence that binds
// a client. Each name is the rule in our words.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type Answer, startChoosyCollector } from '../choosy-collector.ts';
import { closeRigs, createRig, type Rig } from '../rig.ts';

afterEach(closeRigs);

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  const json = protocol === 'http/json';
  const type = { 'content-type': json ? 'application/json' : 'application/x-protobuf' };

  /** Answers the first requests as told, then with 200. */
  async function answering(...answers: (Answer | number)[]) {
    const left = [...answers];
    const collector = await startChoosyCollector(() => left.shift() ?? 200);
    const rig = await createRig({ collector, otlp: { protocol } });
    return { ...rig, collector };
  }

  const sent = async ({ spans, pipeline }: Rig, count = 10) => {
    spans(count);
    await pipeline.flush(5_000);
  };

  const partial = (rejected: number, message: string): Answer => {
    const text = Buffer.from(message);
    const inner = [...(rejected > 0 ? [0x08, rejected] : []), 0x12, text.length, ...text];
    const body = json
      ? JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } })
      : Buffer.from([0x0a, inner.length, ...inner]);
    return { status: 200, headers: type, body };
  };

  describe('request', () => {
    test('is a POST to /v1/traces with the content type of its encoding', async () => {
      const rig = await answering();
      await sent(rig);
      const [{ method, url, headers }] = rig.collector.requests as [(typeof rig.collector.requests)[0]];
      expect([method, url, headers['content-type']]).toEqual(['POST', '/v1/traces', type['content-type']]);
      expect(headers['content-length']).toBeDefined();
    });

    test('asks for no compression of the answer', async () => {
      const rig = await answering();
      await sent(rig);
      expect(rig.collector.requests[0]!.headers).not.toHaveProperty('accept-encoding');
    });
  });

  describe('success', () => {
    test.each([200, 202, 204])('%i is success', async (status) => {
      const rig = await answering(status);
      await sent(rig);
      expect(rig.pipeline.stats()).toMatchObject({ accepted: 10, rejected: 0 });
      expect(rig.collector.requests).toHaveLength(1);
    });

    test('an empty message is full success', async () => {
      const rig = await answering({ status: 200, headers: type, body: json ? '{}' : '' });
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 0 });
    });
  });

  describe('partial success', () => {
    test('is not sent again, and the rejected spans are counted', async () => {
      const rig = await answering(partial(3, 'too old'));
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 7, rejected: 3, queued: 0 });
      expect(rig.collector.requests).toHaveLength(1);
      expect(rig.events.rejected[0]!.failure.what).toContain('“too old”');
    });

    test('with no rejected span is full success with a warning', async () => {
      const rig = await answering(partial(0, 'slow down, please'));
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 0 });
      expect([rig.collector.requests.length, rig.events.rejected.length]).toEqual([1, 0]);
    });

    test('that cannot be read takes nothing back', async () => {
      const rig = await answering({ status: 200, headers: type, body: Buffer.from([0x0a, 0xff, 0xff, 0x7b]) });
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 0 });
    });
  });

  describe('failures', () => {
    test.each([429, 502, 503, 504])('%i is repeated', async (status) => {
      const rig = await answering(status);
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 0 });
      expect(rig.collector.answers.map((answer) => answer.status)).toEqual([status, 200]);
      expect(rig.collector.requests[1]!.spans).toEqual(rig.collector.requests[0]!.spans);
    });

    test.each([
      402, 404, 405, 406, 408, 409, 410, 411, 414, 415, 422, 425, 426, 428, 431, 451, 500, 501, 505, 507, 511,
    ])('%i is not repeated', async (status) => {
      const rig = await answering(status);
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 0, rejected: 10 });
      expect(rig.collector.requests).toHaveLength(1);
    });

    test('400: the same request is never sent again, only parts of it', async () => {
      const rig = await answering(400);
      await sent(rig);
      expect(rig.collector.requests.map(({ spans }) => spans.length)).toEqual([10, 5, 5]);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 0 });
    });

    test('413: the same request is never sent again, only parts of it', async () => {
      const rig = await answering(413);
      await sent(rig);
      expect(rig.collector.requests.map(({ spans }) => spans.length)).toEqual([10, 5, 5]);
    });

    test('a redirect is not followed', async () => {
      const rig = await answering({ status: 308, headers: { location: '/elsewhere' } });
      await sent(rig);
      expect(rig.balance()).toMatchObject({ rejected: 10 });
      expect(rig.collector.requests).toHaveLength(1);
    });

    test('the message of a Status body is told, when it is text', async () => {
      const rig = await answering({
        status: 404,
        headers: { 'content-type': 'application/json' },
        body: '{"message":"no tenant"}',
      });
      await sent(rig);
      expect(rig.events.rejected[0]!.failure.what).toContain('no tenant');
    });
  });

  describe('throttling', () => {
    test.each([429, 503])('%i with Retry-After in seconds: nothing is sent before', async (status) => {
      const rig = await answering({ status, headers: { 'retry-after': '1' } });
      await sent(rig);
      const [first, second] = rig.collector.answers;
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
      expect(rig.balance()).toMatchObject({ accepted: 10 });
    });

    test('Retry-After as a date: nothing is sent before', async () => {
      const date = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const rig = await answering({ status: 503, headers: { 'retry-after': date.toUTCString() } });
      await sent(rig);
      expect(Date.now()).toBeGreaterThanOrEqual(date.getTime());
      expect(rig.balance()).toMatchObject({ accepted: 10 });
    });

    test('without Retry-After the intervals grow, and differ', async () => {
      const rig = await answering(503, 503, 503, 503);
      rig.spans(10);
      await rig.collector.until(() => rig.pipeline.stats().accepted === 10);
      const waits = rig.events.retrying.map(({ retryInMs }) => retryInMs);
      for (const [n, wait] of waits.entries()) {
        // The rig begins at 20 ms.
        expect(wait).toBeGreaterThan(10 * 2 ** n - 2);
        expect(wait).toBeLessThanOrEqual(20 * 2 ** n);
      }
    });
  });

  describe('connection', () => {
    test('is kept alive between requests', async () => {
      const rig = await createRig({ otlp: { protocol } });
      for (let n = 0; n < 3; n++) await sent(rig);
      expect([rig.collector.requests.length, rig.collector.sockets.most]).toEqual([3, 1]);
    });

    test('that the server ends without an answer: the same request again, after a growing wait', async () => {
      const rig = await createRig({ otlp: { protocol } });
      rig.collector.fault = { kind: 'reset' };
      rig.spans(10);
      await rig.collector.until(() => rig.events.retrying.length >= 3);
      rig.collector.fault = { kind: 'ok' };
      await rig.collector.until(() => rig.pipeline.stats().accepted === 10);
      const waits = rig.events.retrying.map(({ retryInMs }) => retryInMs);
      expect(waits[2]!).toBeGreaterThan(waits[0]!);
      for (const { spans } of rig.collector.requests) expect(spans).toEqual(rig.collector.requests[0]!.spans);
    });

    test('that cannot be made: again, after a wait that grows and is left to chance', async () => {
      const rig = await createRig({ otlp: { protocol }, limits: { absentCapMs: 1_000 } });
      await rig.collector.down();
      rig.spans(10);
      await rig.collector.until(() => rig.events.retrying.length >= 4);
      const shares = rig.events.retrying.map(({ retryInMs }, n) => retryInMs / (20 * 2 ** n));
      for (const share of shares) expect(share).toBeLessThanOrEqual(1);
      expect(new Set(shares.map((share) => share.toFixed(3))).size).toBeGreaterThan(1);
      await rig.collector.up();
      await rig.collector.until(() => rig.pipeline.stats().accepted === 10);
      rig.balance();
    });
  });

  describe('size of the answer', () => {
    test('a bomb that was compressed is not unpacked: the status line decides', async () => {
      const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
      const before = process.memoryUsage().rss;
      const headers = { ...type, 'content-encoding': 'gzip' };
      const rig = await answering({ status: 200, headers, body: bomb }, { status: 404, headers, body: bomb });
      await sent(rig);
      await sent(rig);
      expect(rig.balance()).toMatchObject({ accepted: 10, rejected: 10 });
      expect(rig.events.rejected[0]!.failure.what).toMatch(/\(404\)$/);
      expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    });

    test.each([200, 404, 503])('of more than 64 KiB to %i is not read on', async (status) => {
      let written = 0;
      const server = createServer((request, response) => {
        request.resume().on('end', () => {
          response.writeHead(written > 0 ? 200 : status, type);
          if (written > 0) return void response.end();
          const chunk = Buffer.alloc(64 * 1024, 'x');
          const more = () => {
            while (!response.destroyed && written < 100 * 1024 * 1024) {
              written += chunk.length;
              if (!response.write(chunk)) return void response.once('drain', more);
            }
          };
          more();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
      const rig = await createRig({ otlp: { protocol, url } });
      await sent(rig);
      expect(rig.pipeline.stats()).toMatchObject(status === 404 ? { rejected: 10 } : { accepted: 10 });
      // Most of it is in the buffers of the kernel.
      expect(written).toBeLessThan(16 * 1024 * 1024);
      server.close();
      server.closeAllConnections();
    });
  });
});
