import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { addFields, joinConsole } from '../../src/logs/console-lines.ts';

const fields = { trace_id: 'abc', span_id: 'def' };
const ids = 'trace_id=abc span_id=def';

/** What a console would print. */
function printed(...args: unknown[]): string {
  addFields(args, fields);
  return format(...args);
}

describe('ids stand behind the text', () => {
  test.each([
    [['paid'], `paid ${ids}`],
    [['paid', 17], `paid 17 ${ids}`],
    [['paid', { order: 17 }], `paid { order: 17 } ${ids}`],
    [[{ order: 17 }], `{ order: 17 } ${ids}`],
    [[null], `null ${ids}`],
    [[17, '%s'], `17 %s ${ids}`],
    [['two\nlines\n'], `two\nlines ${ids}\n`],
  ])('%j', (args, expected) => expect(printed(...args)).toBe(expected));
});

describe('a format string stays the one that it was', () => {
  test.each([
    [['%s paid', 'Ada'], `Ada paid ${ids}`],
    [['%s paid %s', 'Ada'], `Ada paid %s ${ids}`],
    [['%d%% of %s', 5, 'all', 'more'], `5% of all ${ids} more`],
    [['50%', 17], `50% ${ids} 17`],
    [['50%s'], `50%s ${ids}`],
    [['100%%'], `100%% ${ids}`],
  ])('%j', (args, expected) => expect(printed(...args)).toBe(expected));
});

describe('a line that is JSON stays JSON', () => {
  test.each([
    ['{"msg":"paid"}', { ...fields, msg: 'paid' }],
    ['{"msg":"50%s","a":{}}\n', { ...fields, msg: '50%s', a: {} }],
    ['{\n  "msg": "paid"\n}', { ...fields, msg: 'paid' }],
    ['{"trace_id":"mine"}', { trace_id: 'mine', span_id: 'def' }],
  ])('%j', (line, expected) => expect(JSON.parse(printed(line))).toEqual(expected));
});

test.each([[[]], [['']], [['{"trace_id":"abc"}']], [['told trace abc already']]])('%j is left as it is', (args) => {
  expect(printed(...args)).toBe(format(...args));
});

describe('on a Node', () => {
  const print = () => {
    let text = '';
    const write = (chunk: unknown, _: string, done: () => void) => {
      text += chunk;
      done();
    };
    new Console(new Writable({ write })).log('paid');
    return text;
  };

  test('without the channels, the reason is said and nothing else happens', () => {
    const nowhere = { subscribe: vi.fn(), unsubscribe: vi.fn(() => true) };
    expect(joinConsole(() => fields, nowhere)).toEqual([{ message: expect.stringContaining('KEEPTRACE_LOG_CONSOLE') }]);
    expect(print()).toBe('paid\n');
    const broken = { subscribe: () => JSON.parse(''), unsubscribe: () => true };
    expect(joinConsole(() => fields, broken)).toHaveLength(1);
  });

  test('that has them, lines carry the ids, and fields that throw cost nothing but the ids', () => {
    let now: () => object | undefined = () => fields;
    expect(joinConsole(() => now())).toEqual([]);
    expect(print()).toBe(`paid ${ids}\n`);
    now = () => undefined;
    expect(print()).toBe('paid\n');
    now = () => JSON.parse('');
    expect(print()).toBe('paid\n');
  });
});
