import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readHostPackage } from '../../src/provider/host-package.ts';

const root = mkdtempSync(join(tmpdir(), 'keeptrace-host-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, content: string): string {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), content);
  return join(root, file);
}

put('app/package.json', '{"name":"shop","version":"1.4.0"}');
put('app/dist/package.json', '{"type":"module"}');
const entry = put('app/dist/main.js', '');
const other = put('other/package.json', '{"name":"other"}');

test('name and version come from the nearest package.json that has a name', () => {
  expect(readHostPackage(entry, root)).toEqual({ name: 'shop', version: '1.4.0' });
});

test('a linked entry is followed to its package', () => {
  const link = join(root, 'shop-link');
  symlinkSync(entry, link);
  expect(readHostPackage(link, root)).toEqual({ name: 'shop', version: '1.4.0' });
});

test('without an entry script the working directory counts', () => {
  expect(readHostPackage('', join(other, '..'))).toEqual({ name: 'other' });
});

test.each([['not json'], ['[]'], ['null'], ['{"name":7}']])('a package.json of %s is passed over', (content) => {
  put('broken/package.json', content);
  put('broken/main.js', '');
  expect(readHostPackage(join(root, 'broken/main.js'), join(other, '..'))).toEqual({ name: 'other' });
});

test('an installed tool gives its name only where the app has none', () => {
  const tool = put('app/node_modules/runner/bin.js', '');
  put('app/node_modules/runner/package.json', '{"name":"runner"}');
  const link = join(root, 'app/run');
  symlinkSync(tool, link);
  expect(readHostPackage(tool, join(root, 'app'))).toEqual({ name: 'shop', version: '1.4.0' });
  expect(readHostPackage(link, join(root, 'app'))).toEqual({ name: 'shop', version: '1.4.0' });
  expect(readHostPackage(tool, root)).toEqual({ name: 'runner' });
});
