// The lock is whole: `npm ci` refuses one that leaves out the packages of other platforms.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>;
};

function isLocked(name: string, from: string): boolean {
  const steps =
    from === ''
      ? ['']
      : [...from.split('/node_modules/').map((_, end, all) => all.slice(0, end + 1).join('/node_modules/')), ''];
  return steps.some((step) => `${step === '' ? '' : `${step}/`}node_modules/${name}` in packages);
}

test('every optional dependency has its entry, also those of other platforms', () => {
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(name, from)),
  );
  expect(missing).toEqual([]);
});
