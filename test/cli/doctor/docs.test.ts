import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { codes, pageOf } from '../../../src/cli/doctor/codes.ts';
import { runExplanations } from '../../../src/cli/doctor/explain-run.ts';
import { explanations } from '../../../src/cli/doctor/explanations.ts';

const root = join(import.meta.dirname, '../../..');
const page = () => readFileSync(join(root, 'docs/doctor.md'), 'utf8');

test('the codes in docs/doctor.md are those of the table', async () => {
  const script = join(root, 'scripts/generate-doctor-docs.ts');
  await promisify(execFile)(process.execPath, [script, '--check'], { cwd: root });
  const headings = [...page().matchAll(/^#### (.*)$/gm)].map(([, heading]) => heading);
  expect(headings.sort()).toEqual(Object.keys(codes).sort());
});

test('there are 35 checks, and each code is explained', () => {
  const checks = new Set(Object.values(codes).map(({ check }) => check as number));
  checks.delete(0); // Told of a break that no check explains.
  expect([...checks].sort((one, other) => one - other)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
  for (const code of Object.keys(codes)) expect(explanations).toHaveProperty(code);
});

test('the page that a finding names is there', () => {
  expect(pageOf('ENDPOINT_REFUSED')).toBe('docs/doctor.md#endpoint_refused');
  expect(pageOf('KT_NOT_A_NUMBER')).toBe('docs/errors.md');
});

const folder = join(root, 'src/cli/doctor');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/^(codes|explain)/.test(name))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

test('every code that a check gives is in the table', () => {
  const given = [...sources.matchAll(/(?:finding\(|code: )'([A-Z_]+)',\s*(?:\{|severity)/g)].map(([, code]) => code!);
  expect(given.length).toBeGreaterThan(10);
  expect(given.filter((code) => !Object.hasOwn(codes, code))).toEqual([]);
});

test('every code of the table is given by a check', () => {
  const runs = existsSync(join(folder, 'run'));
  const expected = Object.keys(codes).filter((code) => runs || !Object.hasOwn(runExplanations, code));
  expect(expected.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
