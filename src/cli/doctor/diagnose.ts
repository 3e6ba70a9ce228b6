// All checks that need no running application, and the order in which findings are told: the cause before its effects.
import { checkAnswer } from './checks-answer.ts';
import { checkAddressFamily, checkConnection, checkProxy } from './checks-connection.ts';
import { checkAgents, checkApi, checkGrpcPackages, checkNode } from './checks-machine.ts';
import { checkClock, checkCompression, checkSlowness } from './checks-quality.ts';
import { checkAuthorization, checkDisabled, checkExporter, checkProblems, checkSampler } from './checks-settings.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

const CHECKS: readonly ((facts: Facts) => Finding[])[] = [
  checkNode,
  checkApi,
  checkDisabled,
  checkGrpcPackages,
  checkExporter,
  checkAddressFamily,
  checkConnection,
  checkProxy,
  checkCompression,
  checkAnswer,
  checkProblems,
  checkAuthorization,
  checkSampler,
  checkAgents,
  checkClock,
  checkSlowness,
];

/** @param shown what a run of the application has shown: that is not told once more from the settings */
export function diagnose(facts: Facts, shown: readonly Finding[] = []): Finding[] {
  const found = CHECKS.flatMap((check) => check(facts)).filter(({ code }) => !shown.some((one) => one.code === code));
  return inOrder(withoutEchoes([...shown, ...found]));
}

/** Errors first, and first of all those that explain the rest; otherwise as they came. */
function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

const CAUSES = ['NODE_VERSION', 'SDK_DISABLED'];

const rank = ({ code, severity }: Finding): number => (CAUSES.includes(code) ? 0 : severity === 'error' ? 1 : 2);

/** Code that says the same as another one, and less of it. */
const ECHOES: readonly [echo: string, of: string][] = [
  ['PROTOCOL_PORT_MISMATCH', 'ENDPOINT_IS_GRPC'],
  ['ENDPOINT_REFUSED', 'LOCALHOST_FAMILY'],
  ['NOTHING_KEPT', 'SAMPLER_DROPS'],
  ['NO_TRACING', 'NODE_VERSION'],
  ['NO_TRACING', 'SDK_DISABLED'],
  ['NO_TRACING', 'API_COPIES'],
];

function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const present = new Set(findings.map(({ code }) => code));
  const once = new Map<string, Finding>();
  for (const one of findings) {
    if (ECHOES.some(([echo, of]) => one.code === echo && present.has(of))) continue;
    const key = `${one.code} ${one.fix}`;
    if (!once.has(key)) once.set(key, one);
  }
  return [...once.values()];
}

/** 0: nothing found. 1: warnings only. 2: at least one error. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ severity }) => severity === 'error')) return 2;
  return findings.length > 0 ? 1 : 0;
}
