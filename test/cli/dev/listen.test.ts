import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Listening, listenOnLoopback, occupantOf } from '../../../src/cli/dev/listen.ts';
import type { Viewer } from '../../../src/cli/dev/viewer.ts';
import { ask, testViewer } from './rig.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function keep<T extends { close(): unknown }>(one: T): T {
  open.push(one);
  return one;
}

async function listening(port: number, exact = false): Promise<Listening> {
  const found = await listenOnLoopback(port, exact, () => createServer((_, response) => response.end('ok')));
  if (found.kind === 'listening') for (const server of found.servers) keep(server);
  return found;
}

const viewerOn = async (): Promise<Viewer> => keep(await testViewer());
const portOf = ({ url }: Viewer) => Number(new URL(url).port);

function stranger(
  host: string,
  onConnection: Parameters<typeof createTcpServer>[1] = (socket) => socket.destroy(),
): Promise<number> {
  const server: Server = keep(createTcpServer({}, onConnection));
  return new Promise((resolve) => server.listen(0, host, () => resolve((server.address() as AddressInfo).port)));
}

test('both loopback addresses are listened on, at one port', async () => {
  const found = await listening(0);
  if (found.kind !== 'listening') throw new Error(found.kind);
  expect(found.servers.map((server) => (server.address() as AddressInfo).address)).toEqual(['127.0.0.1', '::1']);
  for (const host of ['127.0.0.1', '[::1]']) {
    expect(await ask(`http://${host}:${found.port}/`)).toMatchObject({ status: 200, text: 'ok' });
  }
});

test.each(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])(
  'a machine without IPv6 (%s) is listened on by the other address',
  async (code) => {
    const create = () => {
      const server = keep(createServer());
      const listen = server.listen.bind(server) as (options: object, done: () => void) => Server;
      server.listen = ((options: { host: string }, done: () => void) => {
        if (options.host !== '::1') return listen(options, done);
        queueMicrotask(() => server.emit('error', Object.assign(new Error(code), { code })));
        return server;
      }) as typeof server.listen;
      return server;
    };
    const found = await listenOnLoopback(0, false, create);
    if (found.kind !== 'listening') throw new Error(found.kind);
    expect(found.servers.map((server) => (server.address() as AddressInfo).address)).toEqual(['127.0.0.1']);
  },
);

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])(
  'a stranger on %s makes it the next port, and is named',
  async (host) => {
    const taken = await stranger(host);
    const found = await listening(taken);
    expect(found).toMatchObject({ kind: 'listening', takenBy: taken });
    expect(found.port).toBeGreaterThan(taken);
  },
);

test('a stranger that takes connections and says nothing is not waited for long', async () => {
  const taken = await stranger('127.0.0.1', () => {});
  expect(await listening(taken)).toMatchObject({ kind: 'listening', takenBy: taken });
});

test('a port that was asked for by number is not replaced', async () => {
  const taken = await stranger('127.0.0.1');
  expect(await listening(taken, true)).toEqual({ kind: 'taken', port: taken });
});

test('a viewer that runs already is found', async () => {
  const port = portOf(await viewerOn());
  expect(await listening(port)).toEqual({ kind: 'running', port, version: '1.2.3' });
  expect(await listening(port, true)).toEqual({ kind: 'running', port, version: '1.2.3' });
});

test('a server that is no viewer is a stranger, and where nobody is there is nobody', async () => {
  const found = await listening(0);
  expect(await occupantOf(found.port)).toEqual({ kind: 'stranger' });
  for (const one of open.splice(0)) one.close();
  expect(await occupantOf(found.port)).toEqual({ kind: 'nobody' });
});
