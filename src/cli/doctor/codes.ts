// Every code the doctor knows, as data: docs/doctor.md is made of this table, and every finding takes its severity here.
import { endpointCodes } from './codes-endpoint.ts';
import { runCodes } from './codes-run.ts';
import { settingCodes } from './codes-settings.ts';
import type { Finding } from './finding.ts';

export interface CodeEntry {
  /** The check, 1 to 35; two codes of one check tell two ends of the same thing. */
  check: number;
  /** The worst it can be: a finding may be milder, never worse. */
  severity: 'error' | 'warning';
  /** One sentence: what is the case. */
  meaning: string;
  /** How it comes about, and how the doctor can tell. */
  how: string;
  /** What to do about it, for the documentation; a finding says it with the values at hand. */
  fix: string;
}

export const codes = { ...endpointCodes, ...settingCodes, ...runCodes } as const satisfies Record<string, CodeEntry>;

export type DoctorCode = keyof typeof codes;

/** Where a code is explained: a heading of docs/doctor.md, or of docs/errors.md for a problem of the settings alone. */
export function pageOf(code: string): string {
  return Object.hasOwn(codes, code) ? `docs/doctor.md#${code.toLowerCase()}` : 'docs/errors.md';
}

/** @param parts `severity` only where this case is milder than the table says */
export function finding(
  code: DoctorCode,
  parts: { what: string; from?: string | undefined; fix: string; severity?: 'warning' },
): Finding {
  const { what, from, fix, severity = codes[code].severity } = parts;
  return { code, severity, what, ...(from !== undefined && { from }), fix };
}
