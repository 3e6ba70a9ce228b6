// Guards of the viewer: it shows what an application does, so no page of another origin and no other machine may read it.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_PAGES } from '../../../src/cli/dev/events.ts';
import { MAX_CONNECTIONS } from '../../../src/cli/dev/guards.ts';
import type { Viewer } from '../../../src/cli/dev/viewer.ts';
import { ask, bodyOf, getJson, span, testViewer, warnings } from './rig.ts';

let viewer: Viewer;
beforeEach(async () => {
  warnings.length = 0;
  viewer = await testViewer();
});
afterEach(() => viewer.close());
const port = () => Number(new URL(viewer.url).port);

describe('Host', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('%s is this machine', async (name) => {
    expect(await ask(`${viewer.url}/api/about`, { headers: { host: `${name}:${port()}` } })).toMatchObject({
      status: 200,
    });
  });

  test.each(['evil.com', 'localhost.evil.com', '127.0.0.1.evil.com', 'evil.com@localhost', '0.0.0.0', 'localhost:1:2'])(
    '%s is not, and neither reads nor writes',
    async (host) => {
      for (const [path, method] of [
        ['/', 'GET'],
        ['/api/traces', 'GET'],
        ['/api/events', 'GET'],
        ['/api/traces', 'DELETE'],
        ['/v1/traces', 'POST'],
      ]) {
        const headers = { host, 'content-type': 'application/json' };
        const answer = await ask(viewer.url + path!, { method: method!, headers, body: method === 'POST' ? '{}' : '' });
        expect([path, answer.status]).toEqual([path, 403]);
      }
    },
  );
});

describe('another page', () => {
  test.each([
    ['http://evil.com', 'GET', '/api/traces'],
    ['http://localhost:3000', 'GET', '/api/traces'],
    ['null', 'GET', '/api/events'],
    ['https://localhost', 'DELETE', '/api/traces'],
    ['http://evil.com', 'POST', '/v1/traces'],
    ['http://evil.com', 'OPTIONS', '/v1/traces'],
  ])('of the origin %s is refused %s %s', async (origin, method, path) => {
    const answer = await ask(viewer.url + path, { method, headers: { origin, 'content-type': 'application/json' } });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('that asks without telling its origin is known by what the browser adds', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect(await ask(`${viewer.url}/api/events`, { headers: { 'sec-fetch-site': site } })).toMatchObject({
        status: 403,
      });
      // Following a link is no harm.
      expect((await ask(`${viewer.url}/`, { headers: { 'sec-fetch-site': site } })).status).not.toBe(403);
    }
  });

  test('our own page may do it all', async () => {
    const headers = {
      origin: `http://127.0.0.1:${port()}`,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    };
    const url = viewer.url.replace('localhost', '127.0.0.1');
    expect(await ask(`${url}/v1/traces`, { method: 'POST', headers, body: bodyOf([span({ id: 'a' })]) })).toMatchObject(
      { status: 200 },
    );
    expect(await ask(`${url}/api/traces`, { method: 'DELETE', headers })).toMatchObject({ status: 204 });
  });

  test('cannot post spans with a form, which asks for no permission', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', undefined]) {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect(
        await ask(`${viewer.url}/v1/traces`, { method: 'POST', headers, body: bodyOf([span({ id: 'a' })]) }),
      ).toMatchObject({ status: 415 });
    }
    expect(viewer.store.size).toBe(0);
  });
});

test('nothing that is served may be framed, sniffed, or load anything from elsewhere', async () => {
  for (const path of ['/', '/api/traces', '/nothing']) {
    const { headers } = await ask(viewer.url + path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;/,
    );
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  }
});

test.each(['/page/../viewer.ts', '/page/%2e%2e/viewer.ts', '/page/..%2fviewer.ts', '//evil.com/', '/page/'])(
  '%s leads nowhere',
  async (path) => {
    const answer = await ask(viewer.url + path);
    expect(answer.text).not.toContain('import');
    if (path !== '//evil.com/') expect(answer.status).toBe(404);
  },
);

test('only the addresses of this machine are listened on', async () => {
  const outside = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
  );
  for (const { address } of outside) {
    const socket = connect(port(), address);
    const [error] = await once(socket, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
  }
  // 127.0.0.2 is the loopback, too, and another address than the one that is listened on.
  const [error] = await once(connect(port(), '127.0.0.2'), 'error');
  expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
});

describe('a body', () => {
  const headers = { 'content-type': 'application/json' };

  test('of 1 MB that unpacks to 1 GB is refused, and is not held', async () => {
    // A gzip file may have several members, one after the other.
    const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * 1024 * 1024))));
    expect(bomb.length).toBeGreaterThan(900_000);

    const post = () =>
      ask(`${viewer.url}/v1/traces`, {
        method: 'POST',
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: bomb,
      });
    await ask(`${viewer.url}/v1/traces`, {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: gzipSync('{}'),
    });
    const before = process.memoryUsage.rss();
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss());
    }, 1);
    const answer = await post().catch((error: NodeJS.ErrnoException) => ({
      status: error.code === 'ECONNRESET' ? 413 : 0,
    }));
    clearInterval(watch);
    expect(answer.status).toBe(413);
    expect((highest - before) / 1e6).toBeLessThan(20);
  }, 60_000);

  test('as large as a file to import may be sent as it is, and not compressed', async () => {
    const text = JSON.stringify({ resourceSpans: [], padding: 'x'.repeat(15 * 1024 * 1024) });
    const url = `${viewer.url}/v1/traces`;
    expect(await ask(url, { method: 'POST', headers, body: text })).toMatchObject({ status: 200 });
    expect(
      await ask(url, { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(text) }),
    ).toMatchObject({ status: 413 });
  });

  test('waits its turn when others hold too much already', async () => {
    const slow: Socket[] = [];
    for (let n = 0; n < 4; n++) {
      const socket = connect(port(), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${30 * 1024 * 1024}\r\n\r\n`,
      );
      slow.push(socket);
      const part = Buffer.alloc(1024 * 1024, ' ');
      for (let mb = 0; mb < 29; mb++) if (!socket.write(part) && n < 3) await once(socket, 'drain');
    }
    const refused = slow.map(async (socket) => String((await once(socket, 'data'))[0]));
    expect(await Promise.race(refused)).toMatch(/^HTTP\/1\.1 503 .*retry-after: 1\r\n/is);
    for (const socket of slow) socket.destroy();
    for (;;) {
      const again = await ask(`${viewer.url}/v1/traces`, {
        method: 'POST',
        headers,
        body: `{"x":"${'x'.repeat(20 * 1024 * 1024)}"}`,
      });
      if (again.status === 200) break;
    }
  });
});

test('of more connections than fifty the others are ended, and it is said once', async () => {
  const sockets: Socket[] = [];
  for (let n = 0; n < MAX_CONNECTIONS; n++) {
    const socket = connect(port(), n % 2 === 0 ? '127.0.0.1' : '::1');
    await once(socket, 'connect');
    sockets.push(socket);
  }
  for (let n = 0; n < 2; n++) {
    const late = connect(port(), '127.0.0.1');
    late.on('error', () => {});
    await once(late, 'close');
  }
  expect(warnings).toEqual(['more than 50 connections at once; further ones are refused until some close']);
  for (const socket of sockets) socket.destroy();
  for (;;) {
    const answer = await ask(`${viewer.url}/healthz`).catch(() => undefined);
    if (answer?.status === 200) break;
  }
});

test('pages that listen leave room for the applications', async () => {
  const open: Socket[] = [];
  for (let n = 0; n < MAX_PAGES; n++) {
    const socket = connect(port(), '127.0.0.1');
    socket.write('GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('200 OK');
    open.push(socket);
  }
  expect(await ask(`${viewer.url}/api/events`)).toMatchObject({ status: 503 });
  expect(await getJson(`${viewer.url}/healthz`)).toMatchObject({ name: 'keeptrace dev' });
  for (const socket of open) socket.destroy();
});
