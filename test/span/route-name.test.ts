import { describe, expect, test } from 'vitest';
import { createRouteNames, methodName, templatePath } from '../../src/span/route-name.ts';
import { cpuMs } from '../support/cpu-time.ts';

describe('a path template', () => {
  test.each([
    ['/', '/'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['//orders//17', '/orders/{id}'],
    ['/orders/17', '/orders/{id}'],
    ['/orders/17?expand=items#x', '/orders/{id}'],
    ['/orders/-33.86', '/orders/{id}'],
    ['/orders/550e8400-e29b-41d4-a716-446655440000/items', '/orders/{id}/items'],
    ['/orders/550E8400E29B41D4A716446655440000', '/orders/{id}'],
    ['/objects/507f1f77bcf86cd799439011', '/objects/{id}'],
    ['/commits/deadbeefcafebabe', '/commits/{id}'],
    ['/u/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/u/{id}'],
    ['/n/V1StGXR8_Z5jdHi6B-myT', '/n/{id}'],
    ['/c/cus_9s6XKzkNRiz8i3', '/c/{id}'],
    ['/t/AbCdEfGhIjKlMnOpQrSt', '/t/{id}'],
    ['/reports/2026-11-21', '/reports/{date}'],
    ['/reports/2026-11', '/reports/{date}'],
    ['/reports/2026-11-21T10:00:00Z', '/reports/{date}'],
    ['/users/jane.doe@example.com', '/users/{email}'],
    ['/users/jane%40example.com', '/users/{email}'],
    ['/search/hello%20world', '/search/{id}'],
    ['/@alice/posts', '/{id}/posts'],
    ['/files/17.json', '/files/{id}.json'],
    ['/assets/app.3f2a1b9c4d.js', '/assets/{id}.js'],
    ['/a;jsessionid=CANARY/b', '/a/b'],
    ['/blog/how-to-write-a-really-good-slug', '/blog/{id}'],
    [`/x/${'a'.repeat(60)}`, '/x/{id}'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/*'],
    ['http://shop.test/orders/17?x=1', '/orders/{id}'],
    ['http://shop.test', '/'],
  ])('%s → %s', (path, template) => {
    expect(templatePath(path)).toBe(template);
  });

  test.each([
    '/api/v1/users',
    '/api/v2.1beta/users',
    '/oauth2/authorize',
    '/i18n/en-US',
    '/s3/utf8/base64',
    '/index.html',
    '/reset-your-password',
    '/.well-known/openid-configuration',
    '/getUserOrdersByCustomer',
    '/FAQ',
    '/v1/items:batchGet',
    '/2fa/setup',
  ])('%s stays as it is', (path) => {
    expect(templatePath(path)).toBe(path);
  });

  test.each(['*', '', 'shop.test:443'])('%j is no path', (target) => {
    expect(templatePath(target)).toBeUndefined();
  });

  test('is bounded for any path, in length and in time', () => {
    let template: string | undefined;
    const ms = cpuMs(() => {
      template = templatePath(`/${'a-'.repeat(500_000)}/${'%41'.repeat(500_000)}/${'/'.repeat(500_000)}`);
    });
    expect(template?.length).toBeLessThan(500);
    expect(ms).toBeLessThan(500);
  });
});

describe('a method', () => {
  test.each([
    ['GET', 'GET'],
    ['get', 'GET'],
    ['QUERY', 'QUERY'],
    [undefined, 'GET'],
    ['PROPFIND', 'HTTP'],
    ['X-MADE-UP', 'HTTP'],
  ])('%j is shown as %s', (method, name) => {
    expect(methodName(method)).toBe(name);
  });
});

describe('names for a process', () => {
  test('are method and template', () => {
    expect(createRouteNames().name('GET', '/orders/17', 200)).toBe('GET /orders/{id}');
    expect(createRouteNames().name('PROPFIND', '/orders/17', 200)).toBe('HTTP /orders/{id}');
  });

  test.each([404, 405, 501])('are the method alone for %d, whose paths nobody routes', (status) => {
    expect(createRouteNames().name('GET', '/wp-admin.php', status)).toBe('GET');
  });

  test('are the method alone once the bound is reached, and those known before stay', () => {
    const names = createRouteNames(2);
    expect(names.name('GET', '/a', 200)).toBe('GET /a');
    expect(names.name('POST', '/a', 200)).toBe('POST /a');
    expect(names.name('GET', '/b', 200)).toBe('GET /b');
    expect(names.full).toBe(false);
    expect(names.name('GET', '/c', 200)).toBe('GET');
    expect(names.full).toBe(true);
    expect(names.name('GET', '/b', 200)).toBe('GET /b');
  });
});
