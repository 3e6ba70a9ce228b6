import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { entryObstacle } from '../src/entry.ts';

const folder = mkdtempSync(join(tmpdir(), 'keeptrace-entry-'));
const esm = mkdtempSync(join(folder, 'esm-'));
writeFileSync(join(folder, 'package.json'), '{}');
writeFileSync(join(esm, 'package.json'), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const preload = '--import keeptrace/register';

test.each([
  ['22.23.3', preload, join(folder, 'app.cts'), true],
  ['22.23.3', preload, join(folder, 'app.ts'), true],
  ['24.16.0', '--import=keeptrace/register', join(folder, 'app.ts'), true],
  ['24.18.0', preload, join(folder, 'app.ts'), false],
  ['26.10.0', preload, join(folder, 'app.ts'), false],
  ['22.23.3', '--require keeptrace/register', join(folder, 'app.ts'), false],
  ['22.23.3', `--import tsx ${preload}`, join(folder, 'app.ts'), false],
  ['22.23.3', preload, join(esm, 'app.ts'), false],
  ['22.23.3', preload, join(folder, 'app.js'), false],
  ['22.23.3', preload, undefined, false],
])('on Node %s with %s the entry %s is warned of: %s', (nodeVersion, flags, script, warned) => {
  const sentence = entryObstacle({ nodeVersion, flags, script });
  expect(sentence !== undefined).toBe(warned);
  if (warned) expect(sentence).toContain('--require keeptrace/register');
});
