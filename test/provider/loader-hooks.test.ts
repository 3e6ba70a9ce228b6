import { expect, test } from 'vitest';
import { packageOf } from '../../src/provider/loader-hooks.ts';

test.each([
  ['file:///app/node_modules/koa/lib/application.js', 'koa'],
  ['file:///app/node_modules/@koa/router/dist/index.mjs', '@koa/router'],
  ['file:///app/node_modules/a/node_modules/b/index.js', 'b'],
  ['file:///app/node_modules/.pnpm/koa@3.0.0/node_modules/koa/index.js', 'koa'],
  ['file:///app/src/koa/index.js', ''],
  ['node:http', ''],
])('%s belongs to package %j', (url, expected) => {
  expect(packageOf(url)).toBe(expected);
});
