// Every code the doctor knows, as data. What each means is in explanations.ts, of which docs/doctor.md is made.
import type { Finding } from './finding.ts';

interface Row {
  check: number;
  severity: Finding['severity'];
}

const error = (check: number): Row => ({ check, severity: 'error' });
const warning = (check: number): Row => ({ check, severity: 'warning' });

/**
 * `check` is the number of the check; two codes of one check tell two ends of the same thing. `severity` is the worst that it
 * can be: a finding may be milder, never worse.
 */
export const codes = {
  ENDPOINT_REFUSED: error(1),
  ENDPOINT_DNS: error(2),
  ENDPOINT_PATH: error(3),
  ENDPOINT_IS_GRPC: error(4),
  PROTOCOL_PORT_MISMATCH: error(5),
  GRPC_PACKAGES: error(5),
  ENDPOINT_TLS: error(6),
  ENDPOINT_AUTH: error(7),
  ENDPOINT_NOT_OTLP: error(8),
  ENDPOINT_REDIRECT: error(9),
  ENDPOINT_HANG: error(10),
  ENDPOINT_SLOW: warning(10),
  ENDPOINT_SCHEME: error(11),
  LOCALHOST_FAMILY: error(12),
  HEADERS_SYNTAX: error(13),
  PROXY: warning(14),
  COMPRESSION: error(15),
  PAYLOAD_LIMIT: error(16),
  THROTTLED: warning(16),
  CLOCK_SKEW: warning(17),
  SDK_DISABLED: error(18),
  EXPORTER_NONE: error(19),
  SAMPLER_DROPS: error(20),
  PARENT_UNSAMPLED: warning(21),
  PROVIDER_ALREADY_SET: error(22),
  API_COPIES: error(23),
  LOADED_TOO_EARLY: error(24),
  ESM_WITHOUT_HOOK: error(25),
  UNSUPPORTED_VERSION: warning(26),
  BUNDLED: error(27),
  TWO_AGENTS: error(28),
  INSTRUMENTATION_DISABLED: warning(29),
  WORKER: warning(30),
  LOST_AT_EXIT: error(31),
  UNENDED_SPANS: warning(32),
  SERVICE_NAME_MISSING: warning(33),
  NODE_VERSION: error(34),
  NAME_CARDINALITY: warning(35),
  // Said of a run that broke where no check knows why.
  NOT_STARTED: error(0),
  NO_TRACING: error(0),
  NO_SPANS: warning(0),
  NOTHING_KEPT: warning(0),
  NOT_ACCEPTED: error(0),
} as const;

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
