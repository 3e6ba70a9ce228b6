import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { expressRoute } from '../../src/provider/framework-express.ts';

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
    'a router whose mount Express has forgotten',
    { originalUrl: '/v1/orders/17/fail', baseUrl: '', route: { path: '/:id/fail' } },
    '/v1/orders/:id/fail',
    true,
  ],
  [
    'a forgotten mount with an id',
    { originalUrl: '/users/42/orders/17', baseUrl: '', route: { path: '/:id' } },
    '/users/{id}/orders/:id',
    true,
  ],
  ['a wildcard', { originalUrl: '/files/a/b/c', baseUrl: '', route: { path: '/files/*rest' } }, '/files/*rest', false],
  ['a regular expression', { originalUrl: '/abc', baseUrl: '', route: { path: /^\/ab+c$/ } }, '/^\\/ab+c$/', false],
  ['alternatives', { originalUrl: '/b/17', baseUrl: '', route: { path: ['/a/:id', '/b/:id'] } }, '/b/{id}', true],
])('%s', (_, request, expected, guessed) => {
  expect(route(request)).toEqual({ route: expected, guessed });
});

test('is undefined where no route matched', () => {
  expect(route({ url: '/' })).toBeUndefined();
  expect(route({ originalUrl: '/', route: {} })).toBeUndefined();
});
