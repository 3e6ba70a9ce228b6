import { describe, expect, test } from 'vitest';
import { answer, fails, order, passes } from '../answers.ts';
import { spansOf } from '../spans.ts';

describe('toHaveSpanTree', () => {
  test.each([
    ['as spanTree prints it', 'POST /orders\n├─ INSERT orders    postgresql\n└─ publish orders   ✕ queue is full'],
    [
      'indented by two spaces a level, within a template',
      `
      POST /orders
        INSERT orders   postgresql
        publish orders   ✕ queue is full
    `,
    ],
    ['with any spans before', 'POST /orders\n├─ …\n└─ publish orders   ✕ queue is full'],
    ['with any spans after', 'POST /orders\n├─ INSERT orders   postgresql\n└─ …'],
    [
      'with any spans that are none',
      'POST /orders\n├─ INSERT orders   postgresql\n├─ …\n└─ publish orders   ✕ queue is full',
    ],
    ['with nothing but the root', 'POST /orders\n└─ …'],
    ['with anything', '…'],
  ])('passes for the tree %s', (_, text) => {
    expect(answer('toHaveSpanTree', order, text).pass).toBe(true);
  });

  test('fails with the lines that differ', () => {
    expect(
      answer(
        'toHaveSpanTree',
        order,
        'POST /orders\n├─ INSERT order   postgresql\n└─ publish orders   ✕ queue is full',
      ),
    ).toEqual(
      fails([
        'The spans do not make this tree (- expected, + found):',
        '  POST /orders',
        '- ├─ INSERT order   postgresql',
        '+ ├─ INSERT orders   postgresql',
        '  └─ publish orders   ✕ queue is full',
      ]),
    );
  });

  test('fails with both trees where a line stands for any spans', () => {
    expect(answer('toHaveSpanTree', order, 'POST /orders\n├─ …\n└─ INSERT orders   postgresql')).toEqual(
      fails([
        'The spans do not make this tree:',
        '  POST /orders',
        '  ├─ …',
        '  └─ INSERT orders   postgresql',
        'They make:',
        '  POST /orders',
        '  ├─ INSERT orders   postgresql',
        '  └─ publish orders   ✕ queue is full',
      ]),
    );
  });

  test.each([
    [
      'a child that is elsewhere',
      'POST /orders\n└─ INSERT orders   postgresql\n   └─ publish orders   ✕ queue is full',
    ],
    ['a child too few', 'POST /orders\n└─ INSERT orders   postgresql'],
    ['a root too many', 'POST /orders\n└─ …\nGET /'],
    ['any spans under the wrong span', 'POST /orders\n└─ INSERT orders   postgresql\n   └─ …'],
  ])('fails for %s', (_, text) => {
    expect(answer('toHaveSpanTree', order, text).pass).toBe(false);
  });

  test('prints what the options ask for', () => {
    expect(
      answer('toHaveSpanTree', order, 'server POST /orders   shop\n└─ …', { kinds: true, services: true }).pass,
    ).toBe(true);
  });

  test('its opposite fails with the tree', () => {
    expect(answer('toHaveSpanTree', order.slice(0, 1), 'POST /orders')).toEqual(
      passes(['The spans make this tree:', '  POST /orders']),
    );
  });

  test('ten lines of any spans among hundreds of siblings cost no time', () => {
    const spans = spansOf({ name: 'root' }, ...Array.from({ length: 300 }, () => ({ name: 'x', parent: 1 })));
    const text = ['root', ...Array.from({ length: 10 }, () => '├─ …\n├─ x'), '└─ y'].join('\n');
    const start = performance.now();
    expect(answer('toHaveSpanTree', spans, text).pass).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
