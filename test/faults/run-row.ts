// Runs a variant of a row: ours, the official SDK when asked, and the gates.
import { emit, type Job, type Setting } from './emit.ts';
import { law } from './gates.ts';
import type { Outcome, Row, Variant } from './row.ts';

export async function runVariant(row: Row, variant: Variant, setting: Setting, official = false): Promise<Outcome> {
  if (variant.run) return { row, variant, gates: await variant.run(setting) };
  const wanted = variant.job!;
  const job: Job = typeof wanted === 'function' ? wanted(setting) : wanted;
  const both = official && variant.official !== false;
  const first = emit(setting, job);
  if (variant.quiet) await first;
  // Ours is judged whatever happens to the other one.
  const second = both ? emit({ ...setting, sdk: 'official' }, forOfficial(job)).catch(() => undefined) : undefined;
  const { steps: _, start: __, ...faultless } = job;
  const control = variant.control && setting.profile === 'full' ? emit(setting, faultless) : undefined;
  const ours = await first;
  const theirs = await second;
  if (control) ours.control = await control;
  const checks = (variant.checks ?? []).map((check) => check(ours, setting));
  const gates = [...checks, ...(variant.lawless ? [] : law(ours, variant.otherLines))];
  return { row, variant, gates, ours, ...(theirs && { official: theirs }) };
}

/** It cannot be asked what it still holds, and it holds nothing for longer than this. */
const OFFICIAL_SETTLE_S = 20;

function forOfficial(job: Job): Job {
  if (job.end.kind !== 'shutdown') return job;
  return { ...job, end: { ...job.end, settleS: Math.min(job.end.settleS, OFFICIAL_SETTLE_S) } };
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
