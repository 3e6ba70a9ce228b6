// All checks of a run, in the order of the chain.
import type { Finding } from '../../finding.ts';
import type { RunFacts } from '../facts.ts';
import { brokenChain } from './chain.ts';
import type { Check } from './finding.ts';
import { bundled, esmWithoutHook, loadedTooEarly, unsupportedVersion } from './modules.ts';
import { apiCopies, providerAlreadySet, twoAgents } from './others.ts';
import { lostAtExit, payloadLimit, throttled } from './sending.ts';
import { nameCardinality, parentUnsampled, unendedSpans } from './spans.ts';
import { instrumentationDisabled, untracedChildren, untracedWorkers } from './threads.ts';

const checks: readonly Check[] = [
  twoAgents,
  apiCopies,
  providerAlreadySet,
  loadedTooEarly,
  esmWithoutHook,
  unsupportedVersion,
  bundled,
  instrumentationDisabled,
  untracedWorkers,
  untracedChildren,
  parentUnsampled,
  unendedSpans,
  nameCardinality,
  throttled,
  payloadLimit,
  lostAtExit,
];

export function runChecks(facts: RunFacts): Finding[] {
  const findings = checks.flatMap((check) => check(facts));
  return [...findings, ...brokenChain(findings)(facts)];
}
