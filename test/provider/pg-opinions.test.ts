import type { Span } from '@opentelemetry/api';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { pgOpinions } from '../../src/provider/pg-opinions.ts';
import * as summary from '../../src/span/sql-summary.ts';

vi.mock('../../src/span/sql-summary.ts', { spy: true });
beforeEach(() => {
  vi.mocked(summary.summarizeSql).mockClear();
});

function fakeSpan(recording = true) {
  const attributes: Record<string, unknown> = { 'db.query.text': 'raw' };
  const span = {
    name: 'pg.query',
    attributes,
    isRecording: () => recording,
    updateName(name: string) {
      span.name = name;
    },
    setAttribute(key: string, value: unknown) {
      attributes[key] = value;
    },
  };
  return span;
}

function ask(opinions: ReturnType<typeof pgOpinions>, text: string, span = fakeSpan()) {
  opinions.requestHook?.(span as unknown as Span, { query: { text }, connection: {} });
  return span;
}

describe('a query', () => {
  test('is named by its summary, its literals are masked', () => {
    const { name, attributes } = ask(
      pgOpinions({ backgroundSpans: false, production: false }),
      "SELECT 'x' FROM orders",
    );
    expect(name).toBe('SELECT orders');
    expect(attributes).toEqual({
      'db.query.text': 'SELECT ? FROM orders',
      'db.query.summary': 'SELECT orders',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'orders',
    });
  });

  test('has no text in production, and no collection where there are two', () => {
    const { attributes } = ask(pgOpinions({ backgroundSpans: false, production: true }), 'SELECT 1 FROM a, b');
    expect(attributes).toEqual({ 'db.query.summary': 'SELECT a b', 'db.operation.name': 'SELECT' });
  });

  test('that is no SQL is called by the system, and nothing of it is told in production', () => {
    const { name, attributes } = ask(pgOpinions({ backgroundSpans: false, production: true }), 'CANARY');
    expect(name).toBe('postgresql');
    expect(attributes).toEqual({});
  });

  test('that is not recorded is not even read', () => {
    ask(pgOpinions({ backgroundSpans: false, production: true }), 'SELECT 1', fakeSpan(false));
    expect(summary.summarizeSql).not.toHaveBeenCalled();
  });

  test('makes a trace of its own only when background spans are asked for', () => {
    expect(pgOpinions({ backgroundSpans: false, production: true }).requireParentSpan).toBe(true);
    expect(pgOpinions({ backgroundSpans: true, production: true }).requireParentSpan).toBe(false);
  });
});

describe('the memory of statements', () => {
  const calls = () => vi.mocked(summary.summarizeSql).mock.calls.length;

  test('holds 500, and forgets the oldest', () => {
    const opinions = pgOpinions({ backgroundSpans: false, production: true });
    for (let i = 0; i < 500; i += 1) ask(opinions, `SELECT ${i} FROM t`);
    for (let i = 0; i < 500; i += 1) ask(opinions, `SELECT ${i} FROM t`);
    expect(calls()).toBe(500);
    ask(opinions, 'SELECT 500 FROM t');
    ask(opinions, 'SELECT 499 FROM t');
    expect(calls()).toBe(501);
    ask(opinions, 'SELECT 0 FROM t');
    expect(calls()).toBe(502);
  });

  test('does not hold a statement of more than 2,000 characters', () => {
    const opinions = pgOpinions({ backgroundSpans: false, production: true });
    const long = `SELECT ${'a, '.repeat(1_000)} b FROM t`;
    ask(opinions, long);
    ask(opinions, long);
    expect(calls()).toBe(2);
  });
});
