import { describe, expect, test } from 'vitest';
import { maskSql, sqlReadLimit } from '../../src/span/sql-mask.ts';
import { summarizeSql } from '../../src/span/sql-summary.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { sqlCorpus } from './sql-corpus.ts';

describe('a summary', () => {
  test.each(sqlCorpus)('of %j is %j', (sql, summary, operation, collections) => {
    expect(summarizeSql(sql)).toEqual({ summary, operation, collections });
  });

  test('never holds a literal', () => {
    for (const [sql] of sqlCorpus) {
      const text = JSON.stringify(summarizeSql(sql));
      expect(text).not.toMatch(/CANARY|4711/);
    }
  });

  test('is at most 255 characters long and ends between two names', () => {
    const { summary } = summarizeSql('SELECT * FROM table_number_one; '.repeat(100));
    expect(summary!.length).toBeLessThanOrEqual(255);
    expect(summary).toMatch(/^(SELECT table_number_one; )+SELECT table_number_one$/);
  });
});

describe('a mask', () => {
  test('the corpus has at least 60 statements', () => {
    expect(sqlCorpus.length).toBeGreaterThanOrEqual(60);
  });

  test.each(sqlCorpus.filter(([sql]) => !sql.startsWith('CANARY')))('of %j holds no literal', (sql) => {
    expect(maskSql(sql)).not.toMatch(/CANARY|4711/);
  });

  test.each(sqlCorpus)('of %j is stable', (sql) => {
    expect(maskSql(maskSql(sql))).toBe(maskSql(sql));
  });

  test.each([
    ["SELECT * FROM t WHERE a = 'x' AND b = 1.5e-10", 'SELECT * FROM t WHERE a = ? AND b = ?'],
    ['SELECT * FROM t WHERE a IN (1, 2, 3)', 'SELECT * FROM t WHERE a IN (?)'],
    ['SELECT * FROM t WHERE a IN ($1,$2,$3)', 'SELECT * FROM t WHERE a IN (?)'],
    ['SELECT * FROM t WHERE a = ($1)', 'SELECT * FROM t WHERE a = ($1)'],
    ["INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')", 'INSERT INTO t VALUES (?)'],
    ['INSERT INTO t VALUES (1),(2)', 'INSERT INTO t VALUES (?)'],
    ['SELECT\n\t*  FROM   "a""b" -- x', 'SELECT * FROM "a""b"'],
    ['SELECT a/*x*/b', 'SELECT a b'],
    ["SELECT E'a\\'b', 'c'", 'SELECT ?, ?'],
    ['SELECT x1, t2.y3 FROM t2', 'SELECT x1, t2.y3 FROM t2'],
    ['SELECT $1::int + 5', 'SELECT $1::int + ?'],
    ["SELECT 'a' 'b'", 'SELECT ? ?'],
    ["SELECT 'it''s', 1", 'SELECT ?, ?'],
    // A stray double quote swallows what comes up to the next one: that is no name.
    [`SELECT " FROM t WHERE a = 'CANARY' AND "b" = 1`, 'SELECT "?"b"?"'],
    [`SELECT "${'CANARY'.repeat(30)}"`, 'SELECT "?"'],
  ])('%j → %j', (sql, masked) => {
    expect(maskSql(sql)).toBe(masked);
  });

  test('knows that MySQL escapes with backslashes and quotes strings twice', () => {
    const sql = `SELECT \`a b\` FROM t WHERE a = 'it\\'s CANARY' AND b = "CANARY" # CANARY`;
    expect(maskSql(sql, { mysql: true })).toBe('SELECT `a b` FROM t WHERE a = ? AND b = ?');
  });

  test('reads a bounded part and says so', () => {
    const masked = maskSql(`SELECT ${'a, '.repeat(100_000)} 'CANARY'`);
    expect(masked.length).toBeLessThanOrEqual(sqlReadLimit + 1);
    expect(masked.endsWith('…')).toBe(true);
  });

  test('cut inside a string does not leave the string open', () => {
    const masked = maskSql(`SELECT '${'CANARY'.repeat(10_000)}' FROM t`);
    expect(masked).toBe('SELECT ?…');
  });
});

test('whatever statement is put together, no literal of it gets out', () => {
  // A small generator with a fixed seed: the same 3,000 statements on every run.
  let seed = 7;
  const next = (bound: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % bound;
  };
  const pick = (list: string[]) => list[next(list.length)] as string;
  const words =
    'SELECT FROM orders WHERE AND JOIN items ON id IN ( ) , ; . * = || :: ? INSERT INTO VALUES E U x WITH AS $1 `c` "a"';
  const literals = [
    "'CANARY'",
    "'it''s CANARY'",
    "E'\\'CANARY'",
    "e'CANARY\\\\'",
    "N'CANARY'",
    "U&'CANARY'",
    '$$CANARY$$',
    "$t$CANARY ' $$ CANARY$t$",
    '4711.5e-3',
    '0x4711',
    '.4711',
    '/* CANARY */',
    '-- CANARY\n',
    "'/* CANARY'",
    "'-- CANARY'",
    "'$$ CANARY'",
  ];
  const spaces = [' ', '\n', '  ', '\t'];
  for (let i = 0; i < 3_000; i += 1) {
    const parts = Array.from({ length: 1 + next(14) }, () => (next(3) === 0 ? pick(literals) : pick(words.split(' '))));
    const sql = parts.join(pick(spaces)) + pick(['', '', " 'CANARY", ' $$CANARY', ' /* CANARY', ' "CANARY']);
    const out = `${maskSql(sql)} ${JSON.stringify(summarizeSql(sql))}`;
    if (/CANARY|4711/.test(out)) expect.fail(`${sql}\n→ ${out}`);
    expect(maskSql(maskSql(sql))).toBe(maskSql(sql));
  }
});

describe('time', () => {
  const hostile: [string, string][] = [
    ['quotes', `SELECT ${"'".repeat(8_001)}`],
    ['dollar tags', `SELECT ${Array.from({ length: 2_000 }, (_, i) => `$a${i}`).join('')}`],
    ['comment openers', '/*'.repeat(4_000)],
    ['parentheses', `SELECT ${'('.repeat(8_000)}`],
    ['commas after FROM', `SELECT * FROM ${'a,'.repeat(4_000)}`],
    ['WITH names', `WITH ${Array.from({ length: 800 }, (_, i) => `a${i} AS (SELECT 1)`).join(',')} SELECT 1`],
    ['statements', 'SELECT 1;'.repeat(900)],
    ['a long word', 'a'.repeat(8_000)],
    ['a long number', `SELECT 1${'e+1'.repeat(2_600)}`],
    ['letters before a quote', `SELECT ${"e'".repeat(4_000)}`],
    ['double quotes', `SELECT ${'"'.repeat(8_001)}`],
    ['spaces', ' '.repeat(8_000)],
  ];
  // It takes about 1 ms; the bound is still far below anything quadratic.
  test.each(hostile)('for %s is linear: 8 KB in well under 50 ms', (_, sql) => {
    maskSql(sql);
    summarizeSql(sql);
    const ms = cpuMs(() => {
      for (let i = 0; i < 5; i += 1) {
        maskSql(sql);
        summarizeSql(sql);
      }
    });
    expect(ms / 5).toBeLessThan(50);
  });
});
