import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExpressRoute, expressRoute } from '../../src/provider/framework-express.ts';

interface Router {
  (request: IncomingMessage, response: ServerResponse): void;
  use(...handlers: unknown[]): void;
  get(path: string | string[], handler: unknown): void;
}
const express: (() => Router) & { Router: () => Router } = createRequire(import.meta.url)('express');
const route = (request: object) => expressRoute(request as IncomingMessage);

test.each([
  [
    'a route of the app',
    { originalUrl: '/orders/17', baseUrl: '', route: { path: '/orders/:id' } },
    '/orders/:id',
    false,
  ],
  [
    'a route of a router',
    { originalUrl: '/orders/17?x=1', baseUrl: '/orders', route: { path: '/:id' } },
    '/orders/:id',
    true,
  ],
  ['the root of a router', { originalUrl: '/orders', baseUrl: '/orders', route: { path: '/' } }, '/orders', true],
  [
    'a router on a parameter that it merges',
    { originalUrl: '/tenants/acme/x', baseUrl: '/tenants/acme', params: { tenant: 'acme' }, route: { path: '/x' } },
    '/tenants/:tenant/x',
    true,
  ],
  [
    'a router whose parameter repeats the mount',
    { originalUrl: '/orders/orders', baseUrl: '/orders', params: { name: 'orders' }, route: { path: '/:name' } },
    '/orders/:name',
    true,
  ],
  ['a wildcard', { originalUrl: '/files/a/b/c', baseUrl: '', route: { path: '/files/*rest' } }, '/files/*rest', false],
  ['a regular expression', { originalUrl: '/abc', baseUrl: '', route: { path: /^\/ab+c$/ } }, '/^\\/ab+c$/', false],
  ['alternatives', { originalUrl: '/b/jane', baseUrl: '', route: { path: ['/a', '/b/:id'] } }, '/b/:id', false],
  ['the other alternative', { originalUrl: '/A', baseUrl: '', route: { path: ['/a', '/b/:id'] } }, '/a', false],
  [
    'alternatives below a mount',
    { originalUrl: '/m/b/jane', baseUrl: '/m', route: { path: ['/a', '/b/:id'] } },
    '/m/b/:id',
    true,
  ],
  [
    'an open alternative',
    { originalUrl: '/b/x/y', baseUrl: '', route: { path: ['/a', '/b/*rest'] } },
    '/b/*rest',
    false,
  ],
])('%s', (_, request, expected, guessed) => {
  expect(route(request)).toEqual({ route: expected, guessed });
});

test('is undefined where it could only be made of the path', () => {
  expect(route({ originalUrl: '/tenants/acme/17', baseUrl: '', route: { path: '/:id' } })).toBeUndefined();
  expect(route({ originalUrl: '/b/jane', baseUrl: '', route: { path: [/a/, /b/] } })).toBeUndefined();
});

test('asks the patterns of Express 4 where the router is mounted', () => {
  const own = { path: '/boom/:id' };
  const inner = {
    regexp: /^\/tenants\/(?:([^/]+?))\/?(?=\/|$)/i,
    keys: [{ name: 'tenant' }],
    handle: { stack: [{ route: own }] },
  };
  const app = {
    _router: { stack: [{ regexp: /^\/other\/?(?=\/|$)/i, keys: [], handle: { stack: [] } }, inner] },
    get router(): never {
      throw new Error('deprecated');
    },
  };
  const request = { app, originalUrl: '/tenants/acme/boom/7', baseUrl: '', params: {}, route: own };
  expect(route(request)).toEqual({ route: '/tenants/:tenant/boom/:id', guessed: false });
});

describe('a real Express tells', () => {
  let server: Server;
  let seen: (ExpressRoute | undefined)[] = [];
  beforeAll(async () => {
    const fail = (_request: unknown, _response: unknown, next: (error: Error) => void) => next(new Error('no'));
    const answer = (_request: unknown, response: ServerResponse) => response.end();
    const app = express();
    app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      response.on('close', () => seen.push(expressRoute(request)));
      next();
    });
    const names = express.Router();
    names.get('/:name', answer);
    const tenant = express.Router();
    tenant.get('/boom/:id', fail);
    tenant.get('/orders', answer);
    const api = express.Router();
    api.use('/tenants/:tenant', tenant);
    const inner = express();
    inner.get('/boom/:id', fail);
    app.use('/orders', names);
    app.use(['/first', '/second'], names);
    app.use('/tenants/:tenant', tenant);
    app.use('/api', api);
    app.use(/^\/match\/[^/]+/, tenant);
    app.use('/wild/*rest/end', tenant);
    app.use('/:shop/inner', inner);
    app.get(['/a', '/b/:id'], answer);
    app.use((_error: Error, _request: unknown, response: ServerResponse, _next: unknown) => response.end());
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  test.each([
    ['/orders/orders', '/orders/:name'],
    ['/orders/jane?x=1', '/orders/:name'],
    ['/second/jane', '/second/:name'],
    ['/tenants/acme/boom/17', '/tenants/:tenant/boom/:id'],
    ['/tenants/globex/boom/x', '/tenants/:tenant/boom/:id'],
    ['/tenants/acme/orders', '/tenants/:tenant/orders'],
    ['/api/tenants/acme%20inc/boom/17', '/api/tenants/:tenant/boom/:id'],
    ['/b/jane', '/b/:id'],
    ['/a', '/a'],
    ['/acme/inner/boom/17', undefined],
    ['/match/acme/boom/17', undefined],
    ['/wild/a/b/end/boom/17', '/wild/*rest/end/boom/:id'],
  ])('%s is %s', async (path, expected) => {
    seen = [];
    const { port } = server.address() as AddressInfo;
    await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();
    await expect.poll(() => seen.length).toBe(1);
    expect(seen[0]?.route).toBe(expected);
  });
});

test('is undefined where no route matched', () => {
  expect(route({ url: '/' })).toBeUndefined();
  expect(route({ originalUrl: '/', route: {} })).toBeUndefined();
});
