import { describe, expect, test } from 'vitest';
import { answer, fails, order } from '../answers.ts';
import { exception, spansOf } from '../spans.ts';

describe('toContainNoSecrets', () => {
  const token = 'sk_live_4eC39HqLyjWDarjtT1';
  test('passes for clean spans', () => {
    expect(answer('toContainNoSecrets', order, [/Bearer /, 'hunter2']).pass).toBe(true);
  });

  test.each([
    ['an attribute', { attributes: { note: `key ${token}` } }, 'attribute note'],
    ['an attribute by its name', { attributes: { password: 'hunter2hunter2' } }, 'attribute password'],
    [
      'an event',
      { events: [exception({ 'exception.message': `no ${token}` })] },
      'event exception, attribute exception.message',
    ],
    ['the status message', { status: { code: 'error' as const, message: `no ${token}` } }, 'status message'],
    ['the name', { name: `pay ${token}` }, 'name'],
  ])('fails for a secret in %s, without showing it', (_, spec, place) => {
    const { pass, lines } = answer('toContainNoSecrets', spansOf(spec));
    expect(pass).toBe(false);
    expect(lines[0]).toBe('Secrets would leave the process:');
    expect(lines[1]).toContain(`, ${place}: keeptrace would hide it: `);
    expect(lines.join('\n')).not.toMatch(/4eC39|hunter2h/);
  });

  test('takes one pattern without a list around it', () => {
    expect(answer('toContainNoSecrets', order, /INSERT/).pass).toBe(false);
    expect(answer('toContainNoSecrets', order, 'hunter2').pass).toBe(true);
  });

  test.each([
    ['a pattern', /Customer-\d+/, 'fits /Customer-\\d+/'],
    ['a text', 'Customer-17', 'fits a text of the list'],
  ])('fails for %s of the test', (_, pattern, words) => {
    const spans = spansOf({ name: 'x', resource: { 'service.name': 'shop', owner: 'Customer-17' } });
    expect(answer('toContainNoSecrets', spans, [pattern])).toEqual(
      fails([
        'Secrets would leave the process:',
        `  internal "x", resource attribute owner: ${words}: Cust… (11 characters)`,
      ]),
    );
  });
});
