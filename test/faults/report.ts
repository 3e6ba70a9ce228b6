// Tables of what was measured, ours and the official SDK side by side.
import { table } from '../../bench/report.mjs';
import type { Measured } from './emit.ts';
import { peakRss } from './gates.ts';
import type { Outcome } from './row.ts';

const thousands = (value: number) => value.toLocaleString('en-US');

export function sideBySide(outcomes: Outcome[]): string {
  const rows = outcomes
    .filter(({ ours }) => ours !== undefined)
    .map(({ row, variant, ours, official }) => [
      row.id,
      variant.name,
      thousands(ours!.ended),
      pair(ours!, official, ({ lost }) => thousands(Math.max(0, lost))),
      pair(ours!, official, memory),
      pair(ours!, official, ending),
      pair(ours!, official, ({ stderr }) => String(stderr.split('\n').filter(Boolean).length)),
    ]);
  const head = ['', 'fault', 'spans', 'lost', 'peak RSS', 'end', 'lines on stderr'];
  return `In each cell: **keeptrace** / official SDK.\n\n${table(head, rows)}`;
}

function pair(ours: Measured, official: Measured | undefined, of: (measured: Measured) => string): string {
  return official ? `**${of(ours)}** / ${of(official)}` : `**${of(ours)}**`;
}

function memory({ report }: Measured): string {
  const peak = peakRss(report);
  return peak === 0 ? '–' : `${Math.round(peak / 1e6)} MB`;
}

/** Time from the end of the work, or from the signal, and how the process ended. */
function ending({ exitMs, exit, cut }: Measured): string {
  if (cut) return `never (cut after ${Math.round(exitMs / 1_000)} s)`;
  const time = exitMs < 1_000 ? `${Math.round(exitMs)} ms` : `${(exitMs / 1_000).toFixed(1)} s`;
  return `${time}, ${exit.signal ?? `code ${exit.code}`}`;
}

export function gateLines(outcomes: Outcome[]): string {
  const lines: string[] = [];
  for (const { row, variant, gates } of outcomes) {
    const missed = gates.filter(({ ok }) => !ok);
    lines.push(`${missed.length === 0 ? ' ok ' : 'MISS'} ${row.id} ${variant.name}`);
    for (const { says, ok } of gates) lines.push(`       ${ok ? '   ' : '>> '}${says}`);
  }
  return lines.join('\n');
}

/** One line a row: how many of its variants held. */
export function summary(outcomes: Outcome[]): string {
  const ids = [...new Set(outcomes.map(({ row }) => row.id))];
  const rows = ids.map((id) => {
    const own = outcomes.filter(({ row }) => row.id === id);
    const missed = own.filter(({ gates }) => gates.some(({ ok }) => !ok));
    const why = missed.map(({ variant, gates }) => {
      const says = gates.filter(({ ok }) => !ok).map((one) => one.says);
      return `${variant.name}: ${says.join('; ')}`;
    });
    return [id, own[0]!.row.goal, missed.length === 0 ? `held (${own.length})` : `**missed** – ${why.join('. ')}`];
  });
  return table(['', 'goal', 'full profile'], rows);
}
