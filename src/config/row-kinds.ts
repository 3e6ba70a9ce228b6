// The few kinds of setting there are: how each reads a text, and what it says when it cannot.
import * as z from 'zod/mini';
import { lookup } from './lookup.ts';
import { nearest } from './nearest.ts';
import { durationOf, numberOf } from './numbers.ts';
import type { Fault, Reading, Row, RowText } from './row.ts';
import { printable } from './sentence.ts';

const whole = <T>(row: Pick<Row<T>, 'schema'>, value: unknown, fault: Fault): Reading<T> => {
  const parsed = row.schema.safeParse(value);
  return parsed.success ? { value: parsed.data, faults: [] } : { value: undefined, faults: [fault] };
};

/** The specification knows only `true` and `false`; this is for advice. */
const MEANT: Record<string, string> = {
  1: 'true',
  yes: 'true',
  on: 'true',
  y: 'true',
  0: 'false',
  no: 'false',
  off: 'false',
  n: 'false',
};

export function booleanRow(text: RowText & { fallback: boolean }): Row<boolean> {
  const schema = z.boolean();
  const inverted = text.inverted === true;
  return {
    ...text,
    schema,
    expected: 'true or false',
    format: (value) => String(value !== inverted),
    read(raw) {
      const word = raw.toLowerCase();
      if (word === 'true' || word === 'false') return { value: (word === 'true') !== inverted, faults: [] };
      const better = lookup(MEANT, word);
      return { value: undefined, faults: [{ why: 'is neither true nor false', better }] };
    },
  };
}

export function integerRow(text: RowText & { fallback: number; min: number; max: number }): Row<number> {
  const schema = z.int().check(z.gte(text.min), z.lte(text.max));
  const unit = text.unit ? `, in ${text.unit}` : '';
  return {
    ...text,
    schema,
    expected: `a whole number from ${text.min} to ${text.max}${unit}`,
    format: String,
    read(raw) {
      const number = numberOf(raw);
      if (number !== undefined) {
        const why = Number.isInteger(number) ? 'is out of range' : 'is not a whole number';
        return whole({ schema }, number, { code: 'KT_OUT_OF_RANGE', why });
      }
      const converted = text.unit === 'milliseconds' ? durationOf(raw) : numberOf(raw.replaceAll(/[_ ,]/g, ''));
      const better = schema.safeParse(converted).success ? String(converted) : undefined;
      return { value: undefined, faults: [{ code: 'KT_NOT_A_NUMBER', why: 'is not a number', better }] };
    },
  };
}

/** `off` for no limit. */
export function integerOrOffRow(
  text: RowText & { fallback: number | 'off'; min: number; max: number },
): Row<number | 'off'> {
  const { read, expected, schema } = integerRow({ ...text, fallback: text.min });
  return {
    ...text,
    schema: z.union([schema as z.ZodMiniType<number>, z.literal('off')]),
    expected: `${expected}, or off`,
    expectedInCode: `${expected}, or 'off'`,
    format: String,
    read(raw) {
      const word = raw.toLowerCase();
      if (word === 'off') return { value: 'off', faults: [] };
      const reading = read(raw);
      const better = ['none', 'never', 'no', 'false', 'disabled', 'unlimited', 'infinity'].includes(word)
        ? 'off'
        : undefined;
      return better === undefined ? reading : { ...reading, faults: reading.faults.map((one) => ({ ...one, better })) };
    },
  };
}

export function ratioRow(text: RowText & { fallback: number }): Row<number> {
  const schema = z.number().check(z.gte(0), z.lte(1));
  return {
    ...text,
    schema,
    expected: 'a number from 0 to 1',
    format: String,
    read(raw) {
      const number = numberOf(raw);
      const percent = numberOf(raw.replace(/%$/, '').trimEnd().replace(',', '.'));
      const share = percent !== undefined && (raw.endsWith('%') || percent > 1) ? percent / 100 : percent;
      const better = schema.safeParse(share).success ? String(Number(share!.toPrecision(6))) : undefined;
      if (number === undefined)
        return { value: undefined, faults: [{ code: 'KT_NOT_A_NUMBER', why: 'is not a number', better }] };
      return whole({ schema }, number, { code: 'KT_OUT_OF_RANGE', why: 'is out of range', better });
    },
  };
}

export function choiceRow<const T extends string>(
  text: RowText & {
    fallback: T;
    choices: readonly T[];
    aliases?: Record<string, string>;
    unsupported?: Record<string, string>;
  },
): Row<T> {
  const schema = z.enum(text.choices);
  return {
    ...text,
    schema,
    expected: `one of ${text.choices.join(', ')}`,
    format: String,
    read(raw) {
      const word = raw.toLowerCase();
      const reason = lookup(text.unsupported, word);
      const fault: Fault = reason
        ? { code: 'KT_UNSUPPORTED', why: reason }
        : unknownWord(word, text.choices, text.aliases);
      return whole({ schema }, word, fault);
    },
  };
}

/** Unknown entries are dropped one by one; nothing is left of a list in which every entry is unknown. */
export function choiceListRow<const T extends string>(
  text: RowText & {
    fallback: T[];
    choices: readonly T[];
    aliases?: Record<string, string>;
    unsupported?: Record<string, string>;
  },
): Row<T[]> {
  const one = z.enum(text.choices);
  return {
    ...text,
    schema: z.array(one),
    expected: `a comma-separated list of ${text.choices.join(', ')}, or none`,
    expectedInCode: `an array of ${text.choices.map((choice) => `'${choice}'`).join(', ')}`,
    format: (value) => value.join(',') || 'none',
    read(raw) {
      const words = entriesOf(raw.toLowerCase());
      if (words.includes('none'))
        return { value: [], faults: words.length > 1 ? [{ why: 'mixes none with other entries' }] : [] };
      const known = new Set<T>();
      const faults: Fault[] = [];
      for (const word of words) {
        const parsed = one.safeParse(word);
        const reason = lookup(text.unsupported, word);
        if (parsed.success) known.add(parsed.data);
        else if (reason) faults.push({ code: 'KT_UNSUPPORTED', why: `names ${word}, ${reason}` });
        else faults.push(unknownWord(word, text.choices, text.aliases, true));
      }
      return { value: known.size > 0 ? [...known] : undefined, faults };
    },
  };
}

export function textRow<T extends string | undefined>(
  text: RowText & { fallback: T; expected?: string },
): Row<string | T> {
  const schema = z.string().check(z.trim(), z.minLength(1)) as z.ZodMiniType<string | T>;
  return {
    ...text,
    schema,
    expected: text.expected ?? 'a text that is not empty',
    format: (value) => value ?? '',
    read: (raw) => ({ value: raw, faults: [] }),
  };
}

export function listRow<T extends string[] | undefined>(
  text: RowText & { fallback: T; expected: string; check?: (entry: string) => Fault | string; unset?: string },
): Row<string[] | T> {
  const { check, unset, ...rest } = text;
  return {
    ...rest,
    schema: z.array(z.string().check(z.trim(), z.minLength(1))) as z.ZodMiniType<string[] | T>,
    expectedInCode: text.expected.replace('a comma-separated list', 'an array'),
    format: (value) => (value ? value.join(',') || 'none' : (unset ?? 'none')),
    check: (value) =>
      (value ?? []).map((entry) => check?.(entry) ?? entry).filter((checked) => typeof checked !== 'string'),
    read(raw) {
      if (raw.toLowerCase() === 'none') return { value: [], faults: [] };
      const value: string[] = [];
      const faults: Fault[] = [];
      for (const entry of entriesOf(raw)) {
        const checked = check?.(entry) ?? entry;
        if (typeof checked === 'string') value.push(checked);
        else faults.push(checked);
      }
      return { value: value.length > 0 ? value : undefined, faults };
    },
  };
}

/** One of a few words, or a list in which each entry is checked by itself. */
export function wordOrListRow<const T extends string>(
  text: RowText & {
    fallback: T;
    words: readonly T[];
    aliases: Record<string, string>;
    /** What counts when not one entry can be used. */
    unreadable: T;
    expected: string;
    expectedInCode: string;
    check: (entry: string) => Fault | string;
  },
): Row<T | readonly string[]> {
  const word = z.enum(text.words);
  const faultsOf = (entries: readonly string[]): Fault[] =>
    entries.map(text.check).filter((checked) => typeof checked !== 'string');
  return {
    ...text,
    schema: z.union([word, z.array(z.string().check(z.trim(), z.minLength(1)))]) as z.ZodMiniType<T | string[]>,
    format: (value) => (typeof value === 'string' ? value : value.join(',') || 'none'),
    check: (value) => (typeof value === 'string' ? [] : faultsOf(value)),
    read(raw) {
      const whole = raw.toLowerCase();
      const parsed = word.safeParse(whole);
      if (parsed.success) return { value: parsed.data, faults: [] };
      const better = lookup(text.aliases, whole);
      if (better !== undefined) return { value: text.unreadable, faults: [{ why: 'is not known', better }] };
      const entries = entriesOf(raw);
      const good = entries.filter((entry) => typeof text.check(entry) === 'string');
      return { value: good.length > 0 ? good : text.unreadable, faults: faultsOf(entries) };
    },
  };
}

export function entriesOf(raw: string): string[] {
  return raw
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function unknownWord(
  word: string,
  choices: readonly string[],
  aliases: Record<string, string> = {},
  inList = false,
): Fault {
  const better = lookup(aliases, word) ?? nearest(word, choices);
  return {
    code: 'KT_UNKNOWN_VALUE',
    why: inList ? `names an unknown entry, ${printable(word)}` : 'is not known',
    better,
  };
}
