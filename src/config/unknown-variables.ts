// Names in the environment that look like settings and that nothing reads: most often a typing error.
import { isKnownVariable, knownVariables } from './known-variables.ts';
import { lookup } from './lookup.ts';
import { nearest } from './nearest.ts';
import type { Picker } from './picker.ts';
import { settingVariables } from './rows.ts';
import { printable, toProblem } from './sentence.ts';

const OURS = /^(?:OTEL|KEEPTRACE)_/i;
/** Kubernetes describes every service of the namespace in variables: a service called otel-collector makes these. */
const SERVICE_LINK = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Names that people expect to exist, too far from the real ones for a count of letters. */
const EXPECTED: Record<string, string> = {
  OTEL_SERVICE_VERSION: 'OTEL_RESOURCE_ATTRIBUTES=service.version=…',
  OTEL_SERVICE_NAMESPACE: 'OTEL_RESOURCE_ATTRIBUTES=service.namespace=…',
  OTEL_SERVICE_INSTANCE_ID: 'OTEL_RESOURCE_ATTRIBUTES=service.instance.id=…',
  OTEL_ENVIRONMENT: 'OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=…',
  OTEL_DEPLOYMENT_ENVIRONMENT: 'OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=…',
  OTEL_TRACES_SAMPLE_RATE: 'OTEL_TRACES_SAMPLER_ARG=…',
  OTEL_SAMPLE_RATE: 'OTEL_TRACES_SAMPLER_ARG=…',
  OTEL_SAMPLING_RATIO: 'OTEL_TRACES_SAMPLER_ARG=…',
  OTEL_ENABLED: 'OTEL_SDK_DISABLED=…',
  OTEL_DISABLED: 'OTEL_SDK_DISABLED=…',
  OTEL_DEBUG: 'OTEL_LOG_LEVEL=debug',
  KEEPTRACE_SERVICE_NAME: 'OTEL_SERVICE_NAME=…',
  KEEPTRACE_ENDPOINT: 'OTEL_EXPORTER_OTLP_ENDPOINT=…',
  KEEPTRACE_SAMPLE_RATIO: 'OTEL_TRACES_SAMPLER_ARG=…',
  KEEPTRACE_LOG_LEVEL: 'OTEL_LOG_LEVEL=…',
  KEEPTRACE_DISABLED: 'OTEL_SDK_DISABLED=true',
};

export function complainAboutName({ env, problems }: Picker, name: string): void {
  if (!OURS.test(name) || SERVICE_LINK.test(name) || isKnownVariable(name) || env.text(name) === undefined) return;
  const write = suggestion(name);
  problems.push(
    toProblem({
      code: 'KT_UNKNOWN_VARIABLE',
      origin: { kind: 'env', name: printable(name) },
      why: write ? `is not a known variable, did you mean ${write.split('=', 1)[0]}?` : 'is not a known variable',
      now: 'it is ignored',
      write: write ?? `one of the names in docs/configuration.md, or unset ${printable(name)}`,
    }),
  );
}

function suggestion(name: string): string | undefined {
  const upper = name.toUpperCase();
  const candidates = [...settingVariables, ...knownVariables];
  const better = candidates.includes(upper) ? upper : (nearest(upper, candidates) ?? sharingWords(upper, candidates));
  return lookup(EXPECTED, upper) ?? (better && `${better}=…`);
}

/** `OTEL_EXPORTER_ENDPOINT`, `OTEL_OTLP_HEADERS`: right words, one of them missing or too many. */
function sharingWords(name: string, candidates: readonly string[]): string | undefined {
  const words = new Set(name.split('_').slice(1));
  let best: { candidate: string; share: number } | undefined;
  for (const candidate of candidates) {
    const others = candidate.split('_').slice(1);
    const shared = others.filter((word) => words.has(word)).length;
    const share = shared / (words.size + others.length - shared);
    if (share >= 0.6 && share > (best?.share ?? 0)) best = { candidate, share };
  }
  return best?.candidate;
}
