// The shape of a check, and the making of a finding with one of the codes.
import type { Finding } from '../../finding.ts';
import type { RunCode } from '../codes.ts';
import type { RunFacts } from '../facts.ts';

export type Check = (facts: RunFacts) => Finding[];

type Words = Pick<Finding, 'what' | 'fix'> & { from?: string | undefined };

export const error = (code: RunCode, words: Words): Finding => finding(code, 'error', words);
export const warning = (code: RunCode, words: Words): Finding => finding(code, 'warning', words);

function finding(code: RunCode, severity: Finding['severity'], { what, from, fix }: Words): Finding {
  return { code, severity, what, ...(from === undefined ? {} : { from }), fix };
}

/** `a, b and c`; beyond `most` the number of the rest. */
export function listOf(names: readonly string[], most = 5): string {
  const told = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : [...names];
  const last = told.pop() ?? '';
  return told.length === 0 ? last : `${told.join(', ')} and ${last}`;
}

export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
