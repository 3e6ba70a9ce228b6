import { expect, test } from 'vitest';
import { Printer } from '../../../src/cli/dev/printer.ts';
import { TraceStore } from '../../../src/cli/dev/store.ts';
import { Summaries } from '../../../src/cli/dev/summary.ts';
import type { ReceivedSpan } from '../../../src/receiver/received-span.ts';
import { span, traceIdOf } from './rig.ts';

function printing({ colour = false, traces = 10 } = {}) {
  const summaries = new Summaries({ ratio: 0.1, slowMs: 1000 });
  const state = { now: 0, waiting: 0, text: '' };
  const printer = new Printer({
    summary: (trace) => summaries.of(trace),
    url: () => 'http://localhost:4318',
    slowMs: 1000,
    colour,
    write: (text) => {
      state.text += text;
    },
    waiting: () => state.waiting,
    now: () => state.now,
  });
  const store = new TraceStore({ traces }, printer);
  return {
    state,
    store,
    add: (...spans: ReceivedSpan[]) => store.add(spans),
    /** What is printed up to this time. */
    at(ms: number): string {
      state.now = ms;
      printer.check();
      const { text } = state;
      state.text = '';
      return text;
    },
    flush() {
      printer.flush();
      return state.text;
    },
  };
}

test('a trace is printed once it is quiet, with what production makes of it and where to look', () => {
  const { add, at } = printing();
  add(
    span({ id: 'POST /orders', ms: 2400, over: { kind: 'server' } }),
    span({
      id: 'charge',
      parent: 'POST /orders',
      service: 'payments',
      at: 5,
      ms: 20,
      over: { kind: 'server', status: { code: 'error', message: 'declined' } },
    }),
  );
  expect(at(500)).toBe('');
  expect(at(600)).toBe(`POST /orders   shop       2.40 s   ◷ slow
└─ charge      payments    20 ms   ✕ declined
→ production keeps it: an error in payments
  http://localhost:4318/#${traceIdOf(1)}

`);
  expect(at(9000)).toBe('');
});

test('parts that come late are waited for, and those that come later are printed again', () => {
  const { add, at, state } = printing();
  add(span({ id: 'query', parent: 'GET /' }));
  expect(at(1000)).toBe('');
  state.now = 2400;
  add(span({ id: 'GET /' }));
  expect(at(2900)).toBe('');
  expect(at(3000)).toMatch(/^GET \/ +shop/);
  state.now = 8000;
  add(span({ id: 'later', parent: 'GET /', at: 5 }));
  expect(at(8600)).toContain('→ more of it has come, 3 spans now; production would drop it');
});

test('a trace without its root is printed in the end, and so is one that never rests', () => {
  const { add, at, state } = printing();
  add(span({ id: 'query', parent: 'gone' }));
  expect(at(2400)).toBe('');
  expect(at(2500)).toContain('? parent not here');
  let printed = '';
  for (let n = 0; n < 40 && printed === ''; n++) {
    state.now = 3000 + n * 500;
    add(span({ trace: traceIdOf(2), id: 'poll' }), span({ trace: traceIdOf(2), id: `n${n}`, parent: 'poll' }));
    printed = at(state.now);
  }
  expect(state.now).toBe(18_000);
  expect(printed).toMatch(/^poll/);
});

test('what is pushed out before it rested is printed, and so is all at the end', () => {
  const { add, flush, state } = printing({ traces: 1 });
  add(span({ trace: traceIdOf(1), id: 'first' }));
  add(span({ trace: traceIdOf(2), id: 'second' }));
  expect(state.text).toMatch(/^first/);
  expect(flush()).toMatch(/^first[\s\S]*\n\nsecond/);
});

test('a large trace is cut, and a reader that does not read is not waited for', () => {
  const { add, at, state } = printing();
  const spans = [span({ id: 'root' })];
  for (let n = 0; n < 15; n++) {
    spans.push(span({ id: `p${n}`, parent: 'root', at: n }));
    for (let m = 0; m < 30; m++) spans.push(span({ id: `p${n}c${m}`, parent: `p${n}`, at: n }));
  }
  add(...spans);
  const text = at(1000);
  expect(text.split('\n').length).toBeLessThan(70);
  expect(text).toMatch(/… 10 more\n/);
  expect(text).toMatch(/\n… \d+ lines more\n→ production/);

  add(span({ trace: traceIdOf(2), id: 'unread' }));
  state.waiting = 2 * 1024 * 1024;
  expect(at(2000)).toBe('');
  state.waiting = 0;
  add(span({ trace: traceIdOf(3), id: 'read' }));
  expect(at(3000)).toMatch(/^\(1 traces not printed: nobody read what was written\)\n\nread/);
});

test('nothing that a span says reaches the terminal as a command', () => {
  const evil = '\x1b]52;c;cm0gLXJm\x07\x1b[2J\r\x9b31m\u202e\n\x00';
  for (const colour of [false, true]) {
    const { add, at } = printing({ colour });
    add(
      span({
        id: 'x',
        service: `shop${evil}`,
        over: {
          name: `GET ${evil}`,
          status: { code: 'error', message: evil },
          attributes: { 'keeptrace.reason': 'manual', 'keeptrace.manual': evil, 'db.system.name': evil },
        },
      }),
      span({ id: 'y', parent: 'x', over: { kind: 'client', attributes: { 'db.system.name': evil } } }),
    );
    const text = at(1000);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours are taken out to look at the rest
    const plain = text.replaceAll(/\x1b\[\d+m/g, '');
    expect(plain.length < text.length).toBe(colour);
    expect(plain).toContain('GET \\u001b]52;c;');
    expect(plain.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});
