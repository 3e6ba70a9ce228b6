// Owns what a statement is called: its operations and the tables they touch, as `db.query.summary` defines it. Values
// never get in, because only keywords and names are looked at.
import { eachSqlToken, type SqlDialect, type SqlToken } from './sql-tokens.ts';

export interface SqlSummary {
  /** `SELECT orders customers`; undefined when the text does not begin with a known SQL keyword. */
  summary: string | undefined;
  /** The one operation of the text, upper case; undefined when it holds different ones. */
  operation: string | undefined;
  /** Tables in the order they are named, each once, qualified as written. */
  collections: string[];
}

/** Characters of a summary, as the semantic conventions bound it. */
const summaryLimit = 255;
/** Characters read of a statement: what a summary needs stands at the front. */
const readLimit = 4_000;

/** Statements whose name is a keyword and what they act on, if that is worth telling. */
const simple = new Set(
  'BEGIN COMMIT ROLLBACK ABORT END SAVEPOINT RELEASE SET RESET SHOW LISTEN UNLISTEN NOTIFY PREPARE DEALLOCATE DECLARE FETCH MOVE CLOSE DISCARD GRANT REVOKE CHECKPOINT DO LOAD USE PRAGMA VALUES REINDEX CLUSTER COMMENT'.split(
    ' ',
  ),
);
const acting = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE']);
const naming = new Set(['COPY', 'CALL', 'EXECUTE', 'EXEC', 'TRUNCATE', 'VACUUM', 'ANALYZE', 'LOCK', 'TABLE']);
const defining = new Set(['CREATE', 'ALTER', 'DROP', 'REFRESH']);
const definable = new Set(
  'TABLE INDEX VIEW SEQUENCE SCHEMA DATABASE FUNCTION PROCEDURE TRIGGER TYPE DOMAIN EXTENSION ROLE USER POLICY RULE'.split(
    ' ',
  ),
);
/** Words that may stand between a keyword and the name it announces. */
const fillers = new Set('ONLY IF NOT EXISTS TABLE LATERAL CONCURRENTLY IGNORE LOW_PRIORITY DELAYED'.split(' '));
/** Functions with a FROM of their own inside their parentheses. */
const fromFunctions = new Set(['EXTRACT', 'SUBSTRING', 'TRIM', 'OVERLAY', 'POSITION']);

/** Reads a statement, or several with `;` between them. Never throws; time is linear in the text. */
export function summarizeSql(sql: string, dialect: SqlDialect = {}): SqlSummary {
  const reader = new SummaryReader();
  eachSqlToken(sql.length > readLimit ? sql.slice(0, readLimit) : sql, dialect, (token) => reader.take(token));
  return reader.finish();
}

/** An operation with its targets: one for a plain statement, more with subqueries. */
interface Part {
  verb: string;
  targets: string[];
}

type Want = 'nothing' | 'name' | 'dot' | 'qualified';

class SummaryReader {
  private readonly statements: Part[][] = [];
  private parts: Part[] = [];
  private started = false;
  private unknown = false;
  private previous = '';
  /** One entry for each open parenthesis: whether a FROM list goes on after a comma in it, and what it belongs to. */
  private frames: { list: boolean; own: boolean; part: Part | undefined }[] = [];
  private list = false;
  private own = false;
  private want: Want = 'nothing';
  private name = '';
  private defined = '';
  /** Names that WITH defined, and how many parts they take at the front. */
  private readonly withNames = new Set<string>();
  private withDepth = -1;
  private withParts = 0;

  take(token: SqlToken): boolean {
    if (token.kind === 'sign') this.sign(token.text);
    else if (token.kind === 'word' || token.kind === 'quoted') this.word(token);
    else this.settle();
    return !this.unknown;
  }

  finish(): SqlSummary {
    this.endStatement();
    const all = this.statements.flat();
    if (all.length === 0) return { summary: undefined, operation: undefined, collections: [] };
    const collections = [...new Set(all.flatMap((part) => part.targets))];
    const verbs = new Set(this.statements.map((parts) => parts[0]?.verb));
    const operation = verbs.size === 1 ? all[0]?.verb : undefined;
    return { summary: toText(this.statements), operation, collections };
  }

  private word(token: SqlToken): void {
    const upper = token.kind === 'word' ? token.text.toUpperCase() : '';
    if (!this.started) this.start(upper);
    else if (this.want === 'name' && upper !== 'SELECT' && upper !== 'VALUES' && upper !== 'SET')
      this.takeName(token, upper);
    else if (this.want === 'qualified') this.qualify(token);
    else {
      this.settle();
      this.keyword(upper, token);
    }
    this.previous = upper;
  }

  private start(upper: string): void {
    if (upper === 'EXPLAIN') {
      this.open('EXPLAIN');
      this.started = true;
      return;
    }
    this.started = true;
    if (upper === 'WITH') {
      this.withDepth = this.frames.length;
      this.withNames.clear();
    } else if (acting.has(upper)) this.act(upper);
    else if (naming.has(upper)) {
      this.open(upper === 'TABLE' ? 'SELECT' : upper);
      this.want = 'name';
    } else if (defining.has(upper)) this.defined = upper;
    else if (upper === 'START') this.open('START TRANSACTION');
    else if (simple.has(upper)) this.open(upper);
    else this.unknown = true;
  }

  private keyword(upper: string, token: SqlToken): void {
    if (this.defined !== '') {
      if (!definable.has(upper)) return;
      this.open(`${this.defined} ${upper}`);
      this.defined = '';
      this.want = 'name';
      return;
    }
    if (this.withDepth === this.frames.length && !acting.has(upper)) {
      // `name AS (`: the definition's own name, which is no table.
      if (upper !== 'AS' && upper !== 'RECURSIVE' && upper !== 'MATERIALIZED' && upper !== 'NOT') {
        this.withNames.add(token.text.toLowerCase());
      }
      return;
    }
    if (acting.has(upper)) this.act(upper);
    else if (this.parts.length === 0 || simple.has(this.parts[0]?.verb ?? '')) return;
    else if (upper === 'FROM' || upper === 'USING') this.from(upper);
    else if (upper === 'JOIN' || (upper === 'INTO' && this.current()?.verb !== 'FETCH')) this.want = 'name';
    else if (upper !== 'AS' && this.list && endsList.has(upper)) this.list = false;
  }

  private act(upper: string): void {
    // FOR UPDATE locks, ON CONFLICT DO UPDATE and ON DELETE CASCADE qualify: no operation of their own.
    if (upper === 'UPDATE' || upper === 'DELETE') {
      if (['FOR', 'KEY', 'DO', 'ON', 'THEN', 'BEFORE', 'AFTER', 'OR'].includes(this.previous)) return;
    }
    if (upper === 'REPLACE' && this.parts.length > 0) return;
    const main = this.withDepth === this.frames.length;
    if (main) {
      this.withDepth = -1;
      this.withParts = this.parts.length;
    }
    this.open(upper);
    this.list = false;
    if (upper === 'UPDATE') this.want = 'name';
  }

  private from(upper: string): void {
    if (this.own || this.previous === 'DISTINCT') return;
    const verb = this.current()?.verb;
    if (upper === 'USING' && verb !== 'DELETE' && verb !== 'MERGE') return;
    if (verb === 'COPY') return;
    this.want = 'name';
    this.list = true;
  }

  private takeName(token: SqlToken, upper: string): void {
    if (fillers.has(upper) && token.kind === 'word') return;
    this.name = token.text;
    this.want = 'dot';
  }

  private qualify(token: SqlToken): void {
    this.name += `.${token.text}`;
    this.want = 'dot';
  }

  private sign(text: string): void {
    if (text === '.' && this.want === 'dot') {
      this.want = 'qualified';
      return;
    }
    if (text === '(') {
      // `FROM (a JOIN b …)` names tables within, too; `FROM (SELECT` is seen by its SELECT.
      const within = this.want === 'name' && this.list;
      // `generate_series(` after FROM is a function; `INSERT INTO t (` is a table with its columns.
      if (this.want === 'dot' && this.list) this.want = 'nothing';
      else this.settle();
      this.frames.push({ list: this.list, own: this.own, part: this.current() });
      this.list = within;
      this.own = fromFunctions.has(this.previous);
      this.want = within ? 'name' : 'nothing';
    } else if (text === ')') {
      this.settle();
      const frame = this.frames.pop();
      this.list = frame?.list ?? false;
      this.own = frame?.own ?? false;
      this.want = 'nothing';
      this.active = frame?.part;
    } else if (text === ',') {
      this.settle();
      if (this.list) this.want = 'name';
    } else if (text === ';') this.endStatement();
    else if (text !== '*' || this.want !== 'name') this.settle();
    if (text !== '.') this.previous = '';
  }

  /** A name is complete when something comes after it that is no part of it. */
  private settle(): void {
    if (this.want === 'dot' && this.name !== '' && !this.withNames.has(this.name.toLowerCase())) {
      this.current()?.targets.push(steady(this.name));
    }
    if (this.want !== 'nothing') this.want = 'nothing';
    this.name = '';
  }

  private active: Part | undefined;

  private current(): Part | undefined {
    return this.active ?? this.parts.at(-1);
  }

  private open(verb: string): void {
    this.settle();
    const part = { verb, targets: [] };
    // EXPLAIN and the statement it explains are one operation.
    const explained = this.parts.length === 1 && this.parts[0]?.verb === 'EXPLAIN';
    if (explained) part.verb = `EXPLAIN ${verb}`;
    if (explained) this.parts[0] = part;
    else if (this.parts.length < 20) this.parts.push(part);
    this.active = part;
  }

  private endStatement(): void {
    this.settle();
    if (this.parts.length > 0) {
      const own = this.parts.slice(this.withParts);
      this.statements.push([...own, ...this.parts.slice(0, this.withParts)]);
    }
    this.parts = [];
    this.active = undefined;
    this.started = false;
    this.frames = [];
    this.list = false;
    this.own = false;
    this.defined = '';
    this.withDepth = -1;
    this.withParts = 0;
  }
}

const endsList = new Set(
  'WHERE SET ON GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT RETURNING WINDOW FOR WHEN'.split(' '),
);

/** Partitions and temporary tables carry dates and random parts, which would make a name for each. */
function steady(name: string): string {
  return name
    .slice(0, 100)
    .replace(/(?<![a-z])(?=[a-f]*\d)[0-9a-f]{8,}/gi, '?')
    .replace(/\d{3,}/g, '?');
}

function toText(statements: Part[][]): string {
  let text = '';
  for (const [index, parts] of statements.entries()) {
    for (const [place, { verb, targets }] of parts.entries()) {
      const more = [verb, ...new Set(targets)].join(' ');
      const next = text + (place > 0 ? ' ' : index > 0 ? '; ' : '') + more;
      if (next.length > summaryLimit) return text || next.slice(0, summaryLimit);
      text = next;
    }
  }
  return text;
}
