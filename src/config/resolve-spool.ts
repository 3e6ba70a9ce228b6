// From the rows of the spool to settings. `spool: '/path'` is short for `spool: { dir: '/path' }`.
import type { Picker } from './picker.ts';
import { spoolRows as rows } from './rows-spool.ts';
import { assignment, printable, toProblem } from './sentence.ts';
import type { SpoolSettings } from './settings.ts';

const PARTS = ['maxMb', 'mode', 'sync'] as const;

export function resolveSpool(picker: Picker): SpoolSettings {
  complainAboutShape(picker);
  const settings: SpoolSettings = {
    dir: picker.pick(rows.dir),
    maxMb: picker.pick(rows.maxMb),
    mode: picker.pick(rows.mode),
    sync: picker.pick(rows.sync),
  };
  if (settings.dir === undefined) for (const part of PARTS) complainAboutPart(picker, part);
  return settings;
}

/** The short form written out; what else it is stays as it is, to be refused. */
export const spoolOption = (given: unknown): unknown => (typeof given === 'string' ? { dir: given } : given);

function complainAboutShape(picker: Picker): void {
  const given = picker.option('spool');
  if (given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given))) return;
  picker.problems.push(
    toProblem({
      code: 'KT_WRONG_OPTION',
      severity: 'error',
      origin: { kind: 'code', name: 'spool' },
      shown: printable(given),
      why: 'is not accepted',
      expected: 'a path, or { dir, maxMb?, mode?, sync? }',
      write: `spool: { dir: '${rows.dir.example}' }`,
    }),
  );
}

/** A size or a mode without a folder looks like a spool, and is none. */
function complainAboutPart(picker: Picker, part: (typeof PARTS)[number]): void {
  const origin = picker.origins[`spool.${part}`]!;
  if (origin.kind === 'default') return;
  const folder = origin.kind === 'code' ? { ...origin, name: 'dir' } : { ...origin, name: rows.dir.env[0]! };
  picker.problems.push(
    toProblem({
      code: 'KT_NO_EFFECT',
      origin,
      why: 'has no effect: there is no spool without a folder',
      now: 'spans wait in memory only',
      write: assignment(folder, origin.kind === 'code' ? `'${rows.dir.example}'` : rows.dir.example),
    }),
  );
}
