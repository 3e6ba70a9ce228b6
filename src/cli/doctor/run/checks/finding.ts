// The shape of a check, and the making of a finding with one of the codes.
import { type DoctorCode, finding } from '../../codes.ts';
import type { Finding } from '../../finding.ts';
import type { AppFacts, RunFacts } from '../facts.ts';

export type Check = (facts: RunFacts) => Finding[];

type Words = Pick<Finding, 'what' | 'fix'> & { from?: string | undefined };

/** As grave as the table of codes has it. */
export const error = (code: DoctorCode, words: Words): Finding => finding(code, words);
export const warning = (code: DoctorCode, words: Words): Finding => finding(code, { ...words, severity: 'warning' });

/** `a, b and c`; beyond `most` the number of the rest. */
export function listOf(names: readonly string[], most = 5): string {
  const told = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : [...names];
  const last = told.pop() ?? '';
  return told.length === 0 ? last : `${told.join(', ')} and ${last}`;
}

export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Before a command, in a shell: keeptrace is loaded first, and what the variable holds already stays. */
export const preloadVariable = ({ nodeOptions }: Pick<AppFacts, 'nodeOptions'>, flag = '--import'): string =>
  `NODE_OPTIONS="${flag} keeptrace/register${nodeOptions ? ' $NODE_OPTIONS' : ''}"`;
