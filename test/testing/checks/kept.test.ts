import { describe, expect, test } from 'vitest';
import { answer, fails, passes } from '../answers.ts';
import { spansOf } from '../spans.ts';

describe('toBeKept and toBeDropped', () => {
  const kept = spansOf({ name: 'POST /' }, { name: 'pay', parent: 1, attributes: { 'keeptrace.reason': 'error' } });
  const plain = spansOf({ name: 'GET /', trace: 'b', flags: 0x101 });
  test('what a rule keeps is kept, for its reason', () => {
    expect(answer('toBeKept', kept).pass).toBe(true);
    expect(answer('toBeKept', kept, 'error')).toEqual(
      passes(['1 trace would be kept for the reason error:', '  POST /: kept, error']),
    );
    expect(answer('toBeKept', plain, 'ratio').pass).toBe(true);
    expect(answer('toBeDropped', plain).pass).toBe(true);
  });
  test('fails with what becomes of each trace', () => {
    expect(answer('toBeKept', [...kept, ...plain])).toEqual(
      fails([
        'Of 2 traces, 1 would not be kept:',
        '  GET /: no rule keeps it, so only the sample ratio may',
        'The spans:',
        '  POST /   shop',
        '  └─ pay   shop',
        '',
        '  GET /   shop',
      ]),
    );
    expect(answer('toBeKept', kept, 'slow').lines.slice(0, 2)).toEqual([
      'Of 1 trace, 1 would not be kept for the reason slow:',
      '  POST /: kept, error',
    ]);
    expect(answer('toBeDropped', kept).lines.slice(0, 2)).toEqual([
      'Of 1 trace, 1 would not be dropped outside of the sample ratio:',
      '  POST /: kept, error',
    ]);
  });
  test('a reason of chance is none', () => {
    const head = spansOf({ attributes: { 'keeptrace.reason': 'head' } });
    expect(answer('toBeDropped', head).pass).toBe(true);
  });
});
