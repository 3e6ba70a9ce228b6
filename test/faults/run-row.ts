// Runs a variant of a row: ours, the official SDK when asked, and the gates.
import { emit, type Job, type Setting } from './emit.ts';
import { law } from './gates.ts';
import type { Outcome, Row, Variant } from './row.ts';

export async function runVariant(row: Row, variant: Variant, setting: Setting, official = false): Promise<Outcome> {
  if (variant.run) return { row, variant, gates: await variant.run(setting) };
  const wanted = variant.job!;
  const job: Job = typeof wanted === 'function' ? wanted(setting) : wanted;
  const both = official && variant.official !== false;
  const runs = [emit(setting, job), ...(both ? [emit({ ...setting, sdk: 'official' }, job)] : [])];
  if (variant.quiet && both) await runs[0];
  const [ours, theirs] = await Promise.all(runs);
  const checks = (variant.checks ?? []).map((check) => check(ours!, setting));
  const gates = [...checks, ...(variant.lawless ? [] : law(ours!))];
  return { row, variant, gates, ours: ours!, ...(theirs && { official: theirs }) };
}

/** Runs the tasks, `width` at a time, in order. */
export async function pool<T>(tasks: (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const at = next++;
      results[at] = await tasks[at]!();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
