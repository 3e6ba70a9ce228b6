// Every code the doctor knows, as data. What each means is in explanations.ts, of which docs/doctor.md is made.
import type { Finding } from './finding.ts';

/**
 * `check` is the number of the check; two codes of one check tell two ends of the same thing. `severity` is the worst that it
 * can be: a finding may be milder, never worse.
 */
export const codes = {
  ENDPOINT_REFUSED: { check: 1, severity: 'error' },
  ENDPOINT_DNS: { check: 2, severity: 'error' },
  ENDPOINT_PATH: { check: 3, severity: 'error' },
  ENDPOINT_IS_GRPC: { check: 4, severity: 'error' },
  PROTOCOL_PORT_MISMATCH: { check: 5, severity: 'error' },
  GRPC_PACKAGES: { check: 5, severity: 'error' },
  ENDPOINT_TLS: { check: 6, severity: 'error' },
  ENDPOINT_AUTH: { check: 7, severity: 'error' },
  ENDPOINT_NOT_OTLP: { check: 8, severity: 'error' },
  ENDPOINT_REDIRECT: { check: 9, severity: 'error' },
  ENDPOINT_HANG: { check: 10, severity: 'error' },
  ENDPOINT_SLOW: { check: 10, severity: 'warning' },
  ENDPOINT_SCHEME: { check: 11, severity: 'error' },
  LOCALHOST_FAMILY: { check: 12, severity: 'error' },
  HEADERS_SYNTAX: { check: 13, severity: 'error' },
  PROXY: { check: 14, severity: 'warning' },
  COMPRESSION: { check: 15, severity: 'error' },
  PAYLOAD_LIMIT: { check: 16, severity: 'error' },
  THROTTLED: { check: 16, severity: 'warning' },
  CLOCK_SKEW: { check: 17, severity: 'warning' },
  SDK_DISABLED: { check: 18, severity: 'error' },
  EXPORTER_NONE: { check: 19, severity: 'error' },
  SAMPLER_DROPS: { check: 20, severity: 'error' },
  PARENT_UNSAMPLED: { check: 21, severity: 'warning' },
  PROVIDER_ALREADY_SET: { check: 22, severity: 'error' },
  API_COPIES: { check: 23, severity: 'error' },
  LOADED_TOO_EARLY: { check: 24, severity: 'error' },
  ESM_WITHOUT_HOOK: { check: 25, severity: 'error' },
  UNSUPPORTED_VERSION: { check: 26, severity: 'warning' },
  BUNDLED: { check: 27, severity: 'error' },
  TWO_AGENTS: { check: 28, severity: 'error' },
  INSTRUMENTATION_DISABLED: { check: 29, severity: 'warning' },
  WORKER: { check: 30, severity: 'warning' },
  LOST_AT_EXIT: { check: 31, severity: 'error' },
  UNENDED_SPANS: { check: 32, severity: 'warning' },
  SERVICE_NAME_MISSING: { check: 33, severity: 'warning' },
  NODE_VERSION: { check: 34, severity: 'error' },
  NAME_CARDINALITY: { check: 35, severity: 'warning' },
  // Said of a run that broke where no check knows why.
  NOT_STARTED: { check: 0, severity: 'error' },
  NO_TRACING: { check: 0, severity: 'error' },
  NO_SPANS: { check: 0, severity: 'warning' },
  NOTHING_KEPT: { check: 0, severity: 'warning' },
  NOT_ACCEPTED: { check: 0, severity: 'error' },
} as const satisfies Record<string, { check: number; severity: Finding['severity'] }>;

export type DoctorCode = keyof typeof codes;

/** Where a code is explained: a heading of docs/doctor.md, or docs/errors.md for a problem of the settings alone. */
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
