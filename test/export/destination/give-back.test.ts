// Bytes made for one request are freed with it, never before.
import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { giveBack } from '../../../src/export/destination/give-back.ts';
import { squeeze, unsqueeze } from '../../../src/export/destination/packing.ts';
import { post } from '../../../src/export/destination/transport.ts';
import { startChoosyCollector } from '../choosy-collector.ts';
import { closeRigs, createRig } from '../rig.ts';

const sockets = new Set<Socket>();
afterEach(async () => {
  await closeRigs();
  for (const socket of sockets) socket.destroy();
});

describe('given back', () => {
  test('is what has its memory for itself', () => {
    const bytes = new Uint8Array(1_000);
    giveBack(bytes);
    expect(bytes.byteLength).toBe(0);
  });

  test('is not what shares the pool of small Buffers', () => {
    const small = Buffer.from('small');
    giveBack(small);
    expect(small.toString()).toBe('small');
  });
});

test('what is unpacked takes the memory of its length and of a byte to spare', () => {
  const packed = squeeze(Buffer.alloc(140_000, 'span '));
  const plain = unsqueeze(packed);
  expect(plain.equals(gunzipSync(packed))).toBe(true);
  expect(plain.buffer.byteLength).toBe(140_001);
});

test('damaged bytes do not say how much memory is made for them', () => {
  const packed = squeeze(Buffer.alloc(140_000, 'span '));
  packed.writeUInt32LE(0xffff_ffff, packed.length - 4);
  expect(() => unsqueeze(packed)).toThrow('incorrect length check');
});

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test.each(['none', 'gzip'] as const)(
    'after an outage nothing is left of joint requests, compression %s',
    async (compression) => {
      const collector = await startChoosyCollector(() => 503);
      const rig = await createRig({ collector, pipeline: { batchSize: 500 }, otlp: { protocol, compression } });
      rig.spans(500);
      await collector.until(() => rig.events.retrying.length > 0);
      rig.spans(3_000);
      const { transfer } = ArrayBuffer.prototype;
      let freed = 0;
      const spy = vi.spyOn(ArrayBuffer.prototype, 'transfer').mockImplementation(function (this: ArrayBuffer, length) {
        freed += this.byteLength;
        return transfer.call(this, length);
      });
      collector.answers.length = 0;
      collector.judge = () => 200;
      await rig.pipeline.flush(5_000);
      spy.mockRestore();
      const sent = collector.answers.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(rig.balance()).toMatchObject({ accepted: 3_500, queued: 0 });
      // Each batch as it was unpacked, and what they were joined to.
      expect(freed).toBeGreaterThan(1.6 * sent);
    },
  );
});

test('the body of a request that was answered before it was sent is not known to be free', async () => {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).pause();
    socket.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  const target = { url: new URL(`http://127.0.0.1:${port}/`), agent, headers: {}, connectMs: 5_000, tls: {} };
  const { signal } = new AbortController();

  const answer = await post(target, Buffer.alloc(32 * 2 ** 20), 5_000, signal);
  expect(answer).toMatchObject({ status: 503, sent: false });

  agent.destroy();
  server.close();
});
