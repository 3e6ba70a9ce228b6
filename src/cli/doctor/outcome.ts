// All that one visit to the doctor brought, before it is put into words.
import type { EffectiveSetting } from '../effective.ts';
import type { Finding } from './finding.ts';

/** How far spans come on their way; the order is the way. */
export interface Stage {
  name: string;
  count: number;
  detail?: string;
}

export interface Outcome {
  findings: readonly Finding[];
  /** What is in order. */
  notes: readonly string[];
  /** What was not looked at, with what to do to have it looked at. */
  unseen: readonly string[];
  /** Of an application that was run. */
  stages?: readonly Stage[];
  /** Only those that are not the default. */
  settings: readonly EffectiveSetting[];
  versions: Readonly<Record<string, string>>;
  exitCode: 0 | 1 | 2;
}
