import * as fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { writeStderr } from '../../src/lifecycle/write-stderr.ts';

vi.mock('node:fs', { spy: true });
afterEach(() => vi.mocked(fs.writeSync).mockReset());

/** Each call of `writeSync` is answered by the next: a number of bytes taken, or an error code. */
function stderr(...answers: (number | string)[]) {
  const written: string[] = [];
  let call = 0;
  vi.mocked(fs.writeSync).mockImplementation(((fd: number, data: Buffer) => {
    const answer = answers[Math.min(call++, answers.length - 1)]!;
    expect(fd).toBe(2);
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
    written.push(data.subarray(0, answer).toString());
    return Math.min(answer, data.length);
  }) as typeof fs.writeSync);
  return { text: () => written.join(''), calls: () => call };
}

test('a short write goes on with the rest', () => {
  const { text, calls } = stderr(5, 100);
  writeStderr('keeptrace: ü\n');
  expect(text()).toBe('keeptrace: ü\n');
  expect(calls()).toBe(2);
});

test('a full pipe is tried again a few times and then left', () => {
  const full = stderr('EAGAIN', 'EAGAIN', 100);
  writeStderr('line\n');
  expect(full.text()).toBe('line\n');
  const stuck = stderr('EAGAIN');
  writeStderr('line\n');
  expect(stuck.calls()).toBe(5);
});

test.each(['EPIPE', 'EBADF', 'EIO'])('%s throws nothing and is not tried again', (code) => {
  const { calls } = stderr(code);
  expect(() => writeStderr('line\n')).not.toThrow();
  expect(calls()).toBe(1);
});
