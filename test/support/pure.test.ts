import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PURE } from './pure.ts';

test('no test that shares its process replaces a module: who loaded it first would decide', () => {
  const files = PURE.flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`));
  expect(files.length).toBeGreaterThan(50);
  const replacing = files.filter((file) =>
    /\bvi\.(mock|doMock|hoisted|resetModules)\b/.test(readFileSync(file, 'utf8')),
  );
  expect(replacing).toEqual([]);
});
