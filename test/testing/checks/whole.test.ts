import { describe, expect, test } from 'vitest';
import { answer, fails, foot, order, passes } from '../answers.ts';
import { spansOf } from '../spans.ts';

describe('toBeOneTrace', () => {
  const two = [...order, ...spansOf({ name: 'process orders', kind: 'consumer', trace: 'b' })];
  test('passes for one, and its opposite says so', () => {
    expect(answer('toBeOneTrace', order)).toEqual(passes(['All spans are of one trace.', ...foot]));
  });
  test('fails with what the traces begin with', () => {
    expect(answer('toBeOneTrace', two)).toEqual(
      fails([
        'There are 2 traces, which begin with: server "POST /orders", consumer "process orders". Where one should go on, its context was lost.',
        'The spans:',
        '  POST /orders        shop',
        '  ├─ INSERT orders    shop   postgresql',
        '  └─ publish orders   shop   ✕ queue is full',
        '',
        '  process orders   shop',
      ]),
    );
  });
});

describe('toHaveNoOrphans', () => {
  test('passes where every parent is here', () => {
    expect(answer('toHaveNoOrphans', order)).toEqual(passes(['Every span has its parent here.', ...foot]));
  });
  test('fails with the spans whose parent is not', () => {
    expect(answer('toHaveNoOrphans', spansOf({ name: 'a' }, { name: 'b', parent: 255 }))).toEqual(
      fails([
        'Spans without their parent:',
        '  internal "b": its parent 00000000000000ff is not here',
        'The spans:',
        '  a   shop',
        '  b   shop   ? parent not here',
      ]),
    );
  });
  test('a parent of the same id in another trace is none', () => {
    const spans = spansOf({ name: 'a', id: 1 }, { name: 'b', parent: 1, trace: 'b' });
    expect(answer('toHaveNoOrphans', spans).pass).toBe(false);
  });
});

describe('toHaveAllSpansEnded', () => {
  test('passes for received spans and for captured ones that ended', () => {
    expect(answer('toHaveAllSpansEnded', [...order, ...spansOf({ ended: true, parent: 1, id: 9 })]).pass).toBe(true);
  });
  test('fails with the spans that nobody ended, and whose they are', () => {
    expect(
      answer('toHaveAllSpansEnded', spansOf({ name: 'load', ended: true }, { name: 'job', parent: 1, ended: false })),
    ).toEqual(
      fails([
        'Spans that were started and not ended:',
        '  internal "job" (of test)',
        'The spans:',
        '  load     shop',
        '  └─ job   shop   ? not ended',
      ]),
    );
  });
});
