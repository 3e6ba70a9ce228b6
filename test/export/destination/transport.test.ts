// What is held of an answer while its verdict is made.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { post } from '../../../src/export/destination/transport.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function answerOf(status: number, bytes: number, headers: http.OutgoingHttpHeaders = {}) {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(Buffer.alloc(bytes, 'word '));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true });
  closing.push(() => {
    agent.destroy();
    server.close().closeAllConnections();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const { signal } = new AbortController();
  const answer = await post({ url, agent, headers: {}, connectMs: 5_000, tls: {} }, Buffer.from('{}'), 5_000, signal);
  const [idle = 0] = Object.values(agent.freeSockets).map((sockets) => sockets?.length);
  return { body: answer.body.toString(), idle };
}

test('a refusal is held by its first words, and its connection is kept', async () => {
  const { body, idle } = await answerOf(500, 30_000);
  expect(body).toBe('word '.repeat(6_000).slice(0, 1_024));
  expect(idle).toBe(1);
});

test('a success is held whole, to 64 KiB', async () => {
  expect((await answerOf(200, 60_000)).body).toHaveLength(60_000);
  expect((await answerOf(200, 70_000)).body).toHaveLength(65_536);
});

test('nothing is held of a compressed one', async () => {
  expect((await answerOf(200, 1_000, { 'content-encoding': 'gzip' })).body).toBe('');
});
