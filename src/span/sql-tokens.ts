// Owns the splitting of SQL into words, literals and signs, in one pass whose time is linear in the text: every
// character is looked at once, and what is not closed runs to the end of the text.

export type SqlTokenKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'sign';

export interface SqlToken {
  kind: SqlTokenKind;
  /** Text as written; for `quoted` without its quotes; empty for `string` and `number`, whose values stay here. */
  text: string;
  /** White space or a comment stands before this token. */
  spaced: boolean;
}

export interface SqlDialect {
  /** MySQL and its kin: backslash escapes, `"…"` is a string, `#` starts a comment. */
  mysql?: boolean;
}

const wordStart = /[A-Za-z_\u0080-\uffff]/;
const wordEnd = /[^\w$\u0080-\uffff]/g;
const numberEnd = /[^\w.]/g;
const spaceEnd = /\S/g;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]{0,62})?\$/y;
const digitsEnd = /\D/g;

/** Calls `take` for each token of `sql`, in order, until it returns false. */
export function eachSqlToken(sql: string, dialect: SqlDialect, take: (token: SqlToken) => boolean | undefined): void {
  let at = 0;
  let spaced = false;
  const mysql = dialect.mysql === true;
  const emit = (kind: SqlTokenKind, text: string, end: number): boolean => {
    at = end;
    const more = take({ kind, text, spaced }) !== false;
    spaced = false;
    return more;
  };
  while (at < sql.length) {
    const char = sql[at] as string;
    const next = sql[at + 1];
    if (char <= ' ' || char === '\u00a0' || char === '\ufeff') {
      at = Math.max(search(sql, spaceEnd, at + 1), at + 1);
      spaced = true;
    } else if ((char === '-' && next === '-') || (mysql && char === '#')) {
      at = endOf(sql, '\n', at);
      spaced = true;
    } else if (char === '/' && next === '*') {
      at = commentEnd(sql, at);
      spaced = true;
    } else if (char === "'" || (mysql && char === '"')) {
      if (!emit('string', '', stringEnd(sql, at, mysql))) return;
    } else if (char === '"' || char === '`') {
      const end = quotedEnd(sql, at, char);
      const name = end < 0 ? '' : sql.slice(at + 1, end - 1);
      // What is not closed, longer than any database allows, or holds a quote of another kind is no name, but text that
      // a stray quote swallowed.
      if (!emit('quoted', end < 0 || end - at > 130 || /['\n\r\t]/.test(name) ? '?' : name, end < 0 ? sql.length : end))
        return;
    } else if (char === '$') {
      if (next !== undefined && next >= '0' && next <= '9') {
        const end = search(sql, digitsEnd, at + 1);
        if (!emit('parameter', sql.slice(at, end), end)) return;
      } else {
        dollarTag.lastIndex = at;
        const tag = dollarTag.exec(sql)?.[0];
        if (tag === undefined ? !emit('sign', char, at + 1) : !emit('string', '', endOf(sql, tag, at + tag.length))) {
          return;
        }
      }
    } else if ((char >= '0' && char <= '9') || (char === '.' && next !== undefined && next >= '0' && next <= '9')) {
      if (!emit('number', '', numberStop(sql, at))) return;
    } else if (wordStart.test(char)) {
      const end = search(sql, wordEnd, at + 1);
      const word = sql.slice(at, end);
      // E'…', B'…', X'…', N'…' and U&'…' are literals with a prefix; U&"…" is a quoted name.
      if (word.length === 1 && sql[end] === "'" && /[ebxn]/i.test(word)) {
        if (!emit('string', '', stringEnd(sql, end, mysql || /e/i.test(word)))) return;
      } else if (/^u$/i.test(word) && sql[end] === '&' && sql[end + 1] === "'") {
        if (!emit('string', '', stringEnd(sql, end + 1, mysql))) return;
      } else if (!emit('word', word, end)) return;
    } else if (!emit('sign', char, at + 1)) return;
  }
}

/** Index of the first match at or after `from`, else the length. */
function search(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null ? text.length : found.index;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

/** Past the closing quote; a doubled quote is part of the string, and so is `\'` where backslashes escape. */
function stringEnd(sql: string, open: number, backslash: boolean): number {
  const quote = sql[open];
  for (let i = open + 1; i < sql.length; i += 1) {
    if (backslash && sql[i] === '\\') i += 1;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return sql.length;
}

/** Past the closing quote, or -1. */
function quotedEnd(sql: string, open: number, quote: string): number {
  for (let at = open + 1; at < sql.length; ) {
    const found = sql.indexOf(quote, at);
    if (found < 0) return -1;
    if (sql[found + 1] !== quote) return found + 1;
    at = found + 2;
  }
  return -1;
}

/** PostgreSQL's comments nest. */
function commentEnd(sql: string, open: number): number {
  let depth = 0;
  for (let i = open; i < sql.length - 1; i += 1) {
    if (sql[i] === '/' && sql[i + 1] === '*') {
      depth += 1;
      i += 1;
    } else if (sql[i] === '*' && sql[i + 1] === '/') {
      depth -= 1;
      i += 1;
      if (depth === 0) return i + 1;
    }
  }
  return sql.length;
}

/** Numbers take their letters along (`0xFF`, `1e10`, `1_000`), and the sign of an exponent. */
function numberStop(sql: string, open: number): number {
  let end = search(sql, numberEnd, open);
  while (
    (sql[end] === '+' || sql[end] === '-') &&
    /[eE]/.test(sql[end - 1] as string) &&
    /^[\d.]/.test(sql[open] as string)
  ) {
    const digit = sql[end + 1];
    if (digit === undefined || digit < '0' || digit > '9') break;
    end = search(sql, numberEnd, end + 1);
  }
  return end;
}
