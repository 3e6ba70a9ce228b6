// Owns the form in which a statement may leave the process: every literal a `?`, comments gone, size bounded (S4).
import { eachSqlToken, type SqlDialect, type SqlToken } from './sql-tokens.ts';

/** Characters read of a statement; one pass over them takes well under a millisecond. */
export const sqlReadLimit = 8_192;

/**
 * `SELECT * FROM t WHERE id IN (1, 2) -- x` → `SELECT * FROM t WHERE id IN (?)`. Strings of every kind, numbers and
 * whole lists of them become `?`; names, keywords and `$1` stay. Idempotent, linear, cut with `…` past the limit.
 */
export function maskSql(sql: string, dialect: SqlDialect = {}): string {
  const parts: string[] = [];
  // Where the last parenthesis opened, as long as only literals, parameters and commas came after it.
  let listStart = -1;
  let listed = 0;
  let bare = true;
  const push = (token: SqlToken, text: string) => parts.push(token.spaced && parts.length > 0 ? ` ${text}` : text);
  eachSqlToken(sql.length > sqlReadLimit ? sql.slice(0, sqlReadLimit) : sql, dialect, (token) => {
    switch (token.kind) {
      case 'string':
      case 'number':
        push(token, '?');
        listed += 1;
        break;
      case 'parameter':
        push(token, token.text);
        listed += 1;
        bare = false;
        break;
      case 'quoted':
        push(token, dialect.mysql ? `\`${token.text}\`` : `"${token.text}"`);
        listStart = -1;
        break;
      case 'word':
        push(token, token.text);
        listStart = -1;
        break;
      case 'sign':
        push(token, token.text);
        if (token.text === '(') {
          listStart = parts.length;
          listed = 0;
          bare = true;
        } else if (token.text === ')') {
          if (listStart >= 0 && (listed > 1 || (listed === 1 && bare))) {
            parts.length = listStart;
            parts.push('?)');
            dropRepeatedRow(parts);
          }
          listStart = -1;
        } else if (token.text === '?') listed += 1;
        else if (token.text !== ',' && token.text !== '-' && token.text !== '+') listStart = -1;
    }
    return undefined;
  });
  const masked = parts.join('');
  return sql.length > sqlReadLimit ? `${masked}…` : masked;
}

/** `VALUES (?), (?)`: one row tells as much as a thousand. */
function dropRepeatedRow(parts: string[]): void {
  const n = parts.length;
  if (n < 5 || parts[n - 1] !== '?)' || parts[n - 4] !== '?)') return;
  if (parts[n - 3]?.trim() === ',' && parts[n - 2]?.trim() === '(') parts.length = n - 3;
}
