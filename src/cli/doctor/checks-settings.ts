// Checks 3, 5, 11, 13, 18, 19, 20, 29 and 33: what the settings say, with every other problem that keeptrace finds in them.
import type { Origin, Problem } from '../../config/problems.ts';
import { sourceOf } from '../environment.ts';
import { SAMPLED_IDS } from './ask-sampler.ts';
import { type DoctorCode, finding } from './codes.ts';
import { headersVariable } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { accepts } from './verdict.ts';

/** Problems of the settings that the doctor has a code of its own for. */
const MEANT: Readonly<Record<string, DoctorCode>> = {
  KT_ENDPOINT_PATH: 'ENDPOINT_PATH',
  KT_ENDPOINT_PORT: 'PROTOCOL_PORT_MISMATCH',
  KT_ENDPOINT_NO_SCHEME: 'ENDPOINT_SCHEME',
  KT_ENDPOINT_REPAIRED: 'ENDPOINT_SCHEME',
  KT_ENDPOINT_INVALID: 'ENDPOINT_SCHEME',
  KT_TLS_FILE: 'ENDPOINT_TLS',
  KT_TLS_PAIR: 'ENDPOINT_TLS',
  KT_TLS_UNCHECKED: 'ENDPOINT_TLS',
  KT_BAD_HEADER: 'HEADERS_SYNTAX',
  KT_SERVICE_NAME_GUESSED: 'SERVICE_NAME_MISSING',
  KT_SERVICE_NAME_MISSING: 'SERVICE_NAME_MISSING',
};

/** Whatever is wrong with one of these variables is of one kind. */
const MEANT_BY_VARIABLE: Readonly<Record<string, DoctorCode>> = {
  OTEL_TRACES_EXPORTER: 'EXPORTER_NONE',
  OTEL_TRACES_SAMPLER: 'SAMPLER_DROPS',
  OTEL_TRACES_SAMPLER_ARG: 'SAMPLER_DROPS',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'INSTRUMENTATION_DISABLED',
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'INSTRUMENTATION_DISABLED',
  OTEL_EXPORTER_OTLP_HEADERS: 'HEADERS_SYNTAX',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'HEADERS_SYNTAX',
};

/** A mistake that is also seen on the network is told once, as what it does there. */
const WORSE_WITHOUT_ANSWER: readonly string[] = ['ENDPOINT_PATH', 'PROTOCOL_PORT_MISMATCH'];

export function checkProblems(facts: Facts): Finding[] {
  const { resolved, environment, network } = facts;
  return resolved.problems.map((problem) => {
    const { what, fix } = sentencesOf(problem);
    const from = isUnset(problem, facts) ? `${problem.origin.name} is not set` : sourceOf(problem.origin, environment);
    const code = codeOf(problem);
    if (code === undefined) return { code: problem.code, severity: problem.severity, what, from, fix };
    const failing = WORSE_WITHOUT_ANSWER.includes(code) && network !== undefined && !accepts(network.probe);
    const error = problem.severity === 'error' || failing;
    return finding(code, { what, from, fix, ...(!error && { severity: 'warning' }) });
  });
}

function isUnset({ origin }: Problem, { environment }: Facts): boolean {
  return origin.kind === 'env' && !environment.variables[origin.name]?.trim();
}

function codeOf({ code, origin }: Problem): DoctorCode | undefined {
  const ofVariable = code === 'KT_NO_EFFECT' || code === 'KT_QUOTED_VALUE' ? undefined : MEANT_BY_VARIABLE[origin.name];
  return MEANT[code] ?? ofVariable;
}

/** A message ends in the line to write instead, see config/sentence.ts. */
function sentencesOf({ message, code }: Problem): { what: string; fix: string } {
  const at = message.lastIndexOf(' Write: ');
  if (at === -1) return { what: message, fix: `See ${code} in docs/errors.md.` };
  return { what: message.slice(0, at), fix: message.slice(at + ' Write: '.length) };
}

/** A key without the word before it is a correct header, and no server takes it. */
export function checkAuthorization(facts: Facts): Finding[] {
  const value = facts.resolved.settings.headers.authorization;
  if (value === undefined || /^[\w-]+ +\S/.test(value)) return [];
  const variable = headersVariable(facts);
  return [
    finding('HEADERS_SYNTAX', {
      what: `The header authorization in ${variable} has no scheme before its key, such as Bearer or Basic.`,
      from: sourceOf(facts.resolved.origins.headers ?? code(variable), facts.environment),
      fix: `${variable}=authorization=Bearer%20YOUR_KEY`,
      severity: 'warning',
    }),
  ];
}

const code = (name: string): Origin => ({ kind: 'env', name });

export function checkDisabled({ resolved, environment }: Facts): Finding[] {
  if (resolved.settings.enabled) return [];
  const file = environment.files.get('OTEL_SDK_DISABLED');
  return [
    finding('SDK_DISABLED', {
      what: 'Tracing is switched off.',
      from: sourceOf(resolved.origins.enabled!, environment),
      fix: file === undefined ? 'unset OTEL_SDK_DISABLED' : `OTEL_SDK_DISABLED=false   (in ${file})`,
    }),
  ];
}

export function checkExporter({ resolved, environment }: Facts): Finding[] {
  const { exporter, enabled } = resolved.settings;
  if (!enabled || exporter === 'otlp') return [];
  const from = sourceOf(resolved.origins.exporter!, environment);
  const fix = 'OTEL_TRACES_EXPORTER=otlp';
  if (exporter === 'none') return [finding('EXPORTER_NONE', { what: 'Spans are sent nowhere.', from, fix })];
  const what = 'Spans are written to the console, and sent to no endpoint.';
  return [finding('EXPORTER_NONE', { what, from, fix, severity: 'warning' })];
}

export function checkSampler({ resolved, environment, kept }: Facts): Finding[] {
  const { sampler, sampleRatio, keepErrors, slowMs, enabled } = resolved.settings;
  if (!enabled || kept !== 0) return [];
  const { origins } = resolved;
  const still = [keepErrors && 'errors', slowMs !== undefined && `requests over ${slowMs} ms`].filter(Boolean);
  const share = sampler.endsWith('traceidratio') ? ` (${sampler}, ${sampleRatio * 100} %)` : ` (${sampler})`;
  const origin = sampler.endsWith('traceidratio') ? origins.sampleRatio! : origins.sampler!;
  const drops = `The sampler keeps none of ${SAMPLED_IDS.toLocaleString('en')} traces${share}`;
  return [
    finding('SAMPLER_DROPS', {
      what:
        still.length > 0 ? `${drops}: only ${still.join(' and ')} are seen.` : `${drops}, and nothing else keeps one.`,
      from: sourceOf(origin, environment),
      fix: sampler.endsWith('traceidratio')
        ? 'OTEL_TRACES_SAMPLER_ARG=0.1'
        : 'OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0.1',
      ...(still.length > 0 && { severity: 'warning' as const }),
    }),
  ];
}
