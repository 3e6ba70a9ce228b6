// The shape of one setting. A row is data: it knows nothing of where values come from.
import type * as z from 'zod/mini';
import type { ProblemCode } from './problem-codes.ts';

/** Something wrong with one value, or with one entry of a list. */
export interface Fault {
  code?: ProblemCode;
  /** Continues "VARIABLE=value …". */
  why: string;
  /** A better value in the notation of the environment, when one can be guessed. */
  better?: string | undefined;
}

/** `value` is undefined when nothing of the input is usable; both are set when a part of it is. */
export interface Reading<T> {
  value: T | undefined;
  faults: Fault[];
}

/** What is said about a setting: documentation, `.env.example` and messages are made of it. */
export interface RowText {
  /** Name in `TracingOptions` and `Settings`; `spanLimits.…` and `spool.…` for the nested ones. */
  option: string;
  /** Variables in falling precedence. */
  env: readonly string[];
  /** One sentence for the documentation. */
  about: string;
  /** A value for `.env.example`, in the notation of the environment. */
  example: string;
  /** How the default reads in the documentation, when it depends on something. */
  defaultText?: string;
  unit?: string;
  /** The value is never printed. */
  secret?: true;
  /** The variable says the opposite of the option. */
  inverted?: true;
}

export interface Row<T> extends RowText {
  schema: z.ZodMiniType<T>;
  fallback: T;
  /** Completes "Expected: …". */
  expected: string;
  /** The same for an option, when the notation differs. */
  expectedInCode?: string;
  /** The value in the notation of the environment. */
  format(value: T): string;
  read(text: string): Reading<T>;
  /** Checks of an option beyond the schema. */
  check?(value: T): Fault[];
}

/** Checks a value given in code. */
export function accept<T>(row: Row<T>, value: unknown): Reading<T> {
  const parsed = row.schema.safeParse(value);
  if (!parsed.success)
    return {
      value: undefined,
      faults: [{ code: 'KT_WRONG_OPTION', why: 'is not accepted', better: betterFor(row, value) }],
    };
  return { value: parsed.data, faults: row.check?.(parsed.data) ?? [] };
}

/** `'0.1'` where 0.1 belongs, and other texts that would have been right in the environment. */
function betterFor<T>(row: Row<T>, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '' || row.inverted) return undefined;
  const reading = row.read(value.trim());
  if (reading.value !== undefined && reading.faults.length === 0) return value.trim();
  return reading.faults[0]?.better;
}
