// Precedence: code, then the variables of a row in their order, then the default; and every complaint about what was passed over.
import type { Environment } from './environment.ts';
import type { Origin, Problem } from './problems.ts';
import { accept, type Fault, type Row } from './row.ts';
import { assignment, printable, toProblem } from './sentence.ts';

export interface Picker {
  env: Environment;
  problems: Problem[];
  origins: Record<string, Origin>;
  /** The option as given, unchecked. */
  option(name: string): unknown;
  pick<T>(row: Row<T>, fallback?: { value: T; note: string }): T;
  /** Lays all origins of a row over each other, key by key, instead of choosing one. */
  layer(row: Row<Record<string, string>>): Record<string, string>;
}

interface Pending {
  origin: Origin;
  text: string;
  fault: Fault;
  kept: unknown;
}

export function createPicker(options: Readonly<Record<string, unknown>>, env: Environment): Picker {
  const problems: Problem[] = [];
  const origins: Record<string, Origin> = {};
  const option = (name: string): unknown => {
    const [group, member] = name.split('.');
    if (member === undefined) return options[name];
    const parent = options[group!];
    return typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[member] : undefined;
  };

  function fromCode<T>(row: Row<T>): { value: T; origin: Origin } | undefined {
    const given = option(row.option);
    if (given === undefined) return undefined;
    const origin: Origin = { kind: 'code', name: row.option };
    const reading = accept(row, given);
    for (const fault of reading.faults) problems.push(codeProblem(row, origin, given, fault));
    return reading.value === undefined ? undefined : { value: reading.value, origin };
  }

  function fromEnv<T>(row: Row<T>, pending: Pending[]): { value: T; origin: Origin } | undefined {
    for (const name of row.env) {
      const text = env.text(name);
      if (text === undefined) continue;
      const origin: Origin = { kind: 'env', name };
      const reading = row.read(text);
      for (const fault of reading.faults) pending.push({ origin, text, fault, kept: reading.value });
      if (reading.value !== undefined) return { value: reading.value, origin };
    }
    return undefined;
  }

  return {
    env,
    problems,
    origins,
    option,
    pick<T>(row: Row<T>, fallback?: { value: T; note: string }): T {
      const pending: Pending[] = [];
      const picked = fromCode(row) ??
        fromEnv(row, pending) ?? {
          value: fallback?.value ?? row.fallback,
          origin: { kind: 'default' as const, name: row.option },
        };
      origins[row.option] = picked.origin;
      for (const entry of pending) problems.push(envProblem(row, entry, picked, fallback?.note));
      return picked.value;
    },
    layer(row) {
      const pending: Pending[] = [];
      const layers = row.env.map((name) => fromEnv({ ...row, env: [name] }, pending));
      const picked = [fromCode(row), ...layers].filter((layer) => layer !== undefined);
      const value: Record<string, string> = Object.assign({}, ...picked.map((layer) => layer.value).reverse());
      const origin = picked[0]?.origin ?? { kind: 'default', name: row.option };
      origins[row.option] = origin;
      for (const entry of pending) problems.push(envProblem(row, entry, { value, origin }));
      return value;
    },
  };
}

function codeProblem<T>(row: Row<T>, origin: Origin, given: unknown, fault: Fault): Problem {
  return toProblem({
    code: fault.code ?? 'KT_WRONG_OPTION',
    severity: 'error',
    origin,
    shown: row.secret ? undefined : typeof given === 'string' ? `'${printable(given)}'` : printable(given),
    why: fault.why,
    expected: row.expectedInCode ?? row.expected,
    write: `${origin.name.split('.').at(-1)}: ${literal(row.read((row.secret ? undefined : fault.better) ?? row.example).value)}`,
  });
}

function envProblem<T>(
  row: Row<T>,
  entry: Pending,
  picked: { value: T; origin: Origin },
  note = 'the default',
): Problem {
  const { origin, text, fault, kept } = entry;
  const source =
    picked.origin.kind === 'default'
      ? `, ${note}`
      : picked.origin.name === origin.name
        ? ''
        : `, from ${picked.origin.name}`;
  const better =
    Array.isArray(kept) && kept.length > 0 && fault.better ? [...kept, fault.better].join(',') : fault.better;
  const shown = typeof picked.value === 'boolean' ? picked.value : row.format(picked.value);
  return toProblem({
    code: fault.code ?? 'KT_UNKNOWN_VALUE',
    origin,
    shown: row.secret ? undefined : printable(text),
    why: fault.why,
    expected: row.expected,
    now: `${row.option} ${typeof picked.value === 'object' ? 'are' : 'is'} ${printable(shown)}${source}`,
    write: assignment(origin, better ?? row.example),
  });
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, entry]) => `'${key}': ${literal(entry)}`)
      .join(', ')} }`;
  }
  return String(value);
}
