import { expect, test } from 'vitest';
import { writeStderr } from '../../src/lifecycle/write-stderr.ts';

/** Each write is answered by the next: a number of bytes taken, or an error code. */
function stderr(...answers: (number | string)[]) {
  const written: string[] = [];
  let calls = 0;
  return {
    text: () => written.join(''),
    calls: () => calls,
    write(fd: number, bytes: Uint8Array): number {
      const answer = answers[Math.min(calls++, answers.length - 1)]!;
      expect(fd).toBe(2);
      if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
      written.push(Buffer.from(bytes.subarray(0, answer)).toString());
      return Math.min(answer, bytes.length);
    },
  };
}

test('a short write goes on with the rest', () => {
  const { text, calls, write } = stderr(5, 100);
  writeStderr('keeptrace: ü\n', write);
  expect(text()).toBe('keeptrace: ü\n');
  expect(calls()).toBe(2);
});

test('a full pipe is tried again a few times and then left', () => {
  const full = stderr('EAGAIN', 'EAGAIN', 100);
  writeStderr('line\n', full.write);
  expect(full.text()).toBe('line\n');
  const stuck = stderr('EAGAIN');
  writeStderr('line\n', stuck.write);
  expect(stuck.calls()).toBe(5);
});

test.each(['EPIPE', 'EBADF', 'EIO'])('%s throws nothing and is not tried again', (code) => {
  const { calls, write } = stderr(code);
  expect(() => writeStderr('line\n', write)).not.toThrow();
  expect(calls()).toBe(1);
});
