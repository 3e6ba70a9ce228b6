// The report of a run as Markdown, for the terminal and for docs/sampling.md.
import type { Gate } from './gates.ts';
import type { FleetRun } from './run-fleet.ts';
import { type FaultKind, faultKinds } from './service/plan.ts';
import { percent, wilson } from './statistics.ts';
import type { KindTally } from './tally.ts';

const words: Record<FaultKind, string> = {
  '5xx': 'answers 5xx, passed on by every caller',
  hidden: 'error recorded, answer 200',
  absorbed: 'answers 5xx, caller makes a 200 of it',
  reset: 'connection dropped instead of an answer',
  late: 'error after the headers left',
  abort: 'caller hangs up (no error)',
  kill: 'process killed',
  'slow-leaf': 'slow leaf',
  'slow-root': 'slow entry',
  'slow-any': 'one stall anywhere, slow together',
};

export const table = (head: string[], rows: string[][]): string => {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
};

/** One row per kind of fault, all runs together. */
export function faultTable(runs: FleetRun[]): string {
  const rows = mergeKinds(runs).map(({ kind, n, path, fragment, complete }) => [
    words[kind],
    String(n),
    share(path, n),
    kind === 'kill' ? '–' : share(fragment, n),
    share(complete, n),
  ]);
  const head = ['fault', 'n', 'path entry → failure kept', 'failing fragment kept', 'whole trace kept'];
  return table(head, rows);
}

export function mergeKinds(runs: FleetRun[]): KindTally[] {
  return faultKinds
    .map((kind) => {
      const merged: KindTally = { kind, n: 0, path: 0, fragment: 0, complete: 0 };
      for (const { tally } of runs) {
        const found = tally.kinds.find((row) => row.kind === kind);
        for (const key of ['n', 'path', 'fragment', 'complete'] as const) merged[key] += found?.[key] ?? 0;
      }
      return merged;
    })
    .filter(({ n }) => n > 0);
}

/** `99.87 % (≥ 99.71 %)`: the share and its Wilson lower bound. */
const share = (hits: number, n: number): string => `${percent(hits / n, 1)} (≥ ${percent(wilson(hits, n).low, 1)})`;

export function summary(runs: FleetRun[]): string {
  const all = (pick: (run: FleetRun) => number) => runs.reduce((sum, run) => sum + pick(run), 0);
  const exported = all(({ tally }) => tally.volume.exported);
  const made = all(({ tally }) => tally.volume.all);
  return (
    `${all(({ tally }) => tally.requests)} requests, ${all(({ tally }) => tally.handled)} handled by the services in ${all(({ seconds }) => seconds).toFixed(0)} s; ` +
    `${exported} of ${made} spans exported, ${percent(exported / made, 1)}; ` +
    `${all(({ tally }) => tally.leftOut.slow)} requests were slow without being told to and count for neither side`
  );
}

export const gateLines = (gates: Gate[]): string =>
  gates.map(({ id, ok, says }) => `${ok ? ' ok ' : 'FAIL'} ${id.padEnd(7)} ${says}`).join('\n');
