import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TraceFile } from '../../../src/cli/dev/trace-file.ts';
import type { ReceivedSpan } from '../../../src/receiver/received-span.ts';
import { span } from './rig.ts';

let folder: string;
let path: string;
const warned: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeptrace-dev-'));
  path = join(folder, 'traces.jsonl');
  warned.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (over = {}) =>
  new TraceFile({ path, held: () => [], warn: (sentence) => warned.push(sentence), ...over });

async function restored(): Promise<string[]> {
  const spans: ReceivedSpan[] = [];
  await fileOf().restore((some) => spans.push(...some));
  return spans.map(({ name }) => name);
}

test('what was appended comes back, only the owner can read it, and it is the format of the file exporter', async () => {
  const file = fileOf();
  file.append([span({ id: 'one' }), span({ id: 'two' })]);
  file.append([span({ id: 'three' })]);
  file.append([]);
  await file.written();
  expect(await restored()).toEqual(['one', 'two', 'three']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const line of readFileSync(path, 'utf8').trim().split('\n'))
    expect(JSON.parse(line)).toHaveProperty('resourceSpans');
});

test('a file that is not there is none', async () => {
  expect(await restored()).toEqual([]);
});

test('lines that are no traces are left out and counted', async () => {
  const file = fileOf();
  file.append([span({ id: 'one' })]);
  await file.written();
  appendFileSync(path, 'half a li\n\n{"resourceSpans":7}\n');
  file.append([span({ id: 'two' })]);
  await file.written();
  appendFileSync(path, '{"resourceSpa');
  expect(await restored()).toEqual(['one', 'two']);
  expect(warned).toEqual([`3 lines of ${path} are no traces in OTLP/JSON and were left out`]);
});

test('lines longer than a read come back whole', async () => {
  const file = fileOf();
  file.append([span({ id: 'long', over: { attributes: { text: 'x'.repeat(3_000_000) } } })]);
  file.append([span({ id: 'next' })]);
  await file.written();
  expect(await restored()).toEqual(['long', 'next']);
});

test('the file is written anew from what is held when it has grown too large', async () => {
  const file = fileOf({ maxBytes: 20_000, held: () => [[span({ id: 'held' })]] });
  for (let n = 0; n < 200; n++) {
    file.append([span({ id: `n${n}` })]);
    if (n % 10 === 0) await file.written();
  }
  await file.written();
  expect(statSync(path).size).toBeLessThan(25_000);
  const names = await restored();
  expect(names[0]).toBe('held');
  expect(names.at(-1)).toBe('n199');
});

test('a clear empties it, whatever still waited', async () => {
  const file = fileOf();
  file.append([span({ id: 'one' })]);
  await file.written();
  file.append([span({ id: 'two' })]);
  file.clear();
  file.append([span({ id: 'three' })]);
  await file.written();
  expect((await restored()).filter((name) => name !== 'two')).toEqual(['three']);
});

test('at the end of the process nothing waits', async () => {
  const file = fileOf();
  file.append([span({ id: 'one' })]);
  file.append([span({ id: 'two' })]);
  file.flushSync();
  expect(await restored()).toEqual(expect.arrayContaining(['one', 'two']));
});

test('a path that cannot be written is told once', async () => {
  path = join(folder, 'missing', 'traces.jsonl');
  const file = fileOf();
  for (const id of ['one', 'two']) {
    file.append([span({ id })]);
    await file.written();
  }
  mkdirSync(path, { recursive: true });
  file.clear();
  await file.written();
  file.append([span({ id: 'three' })]);
  file.flushSync();
  expect(warned).toEqual([expect.stringContaining(`${path} cannot be written: ENOENT`)]);
});
