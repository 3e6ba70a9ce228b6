// The catalogue of what can go wrong between here and the collector: one row per cause, each with its remedy.
import type { Failure } from './destination-contract.ts';

type Row = readonly [what: string, fix: string];

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';
const CA = 'OTEL_EXPORTER_OTLP_CERTIFICATE';
const untrusted: Row = [
  'presents a certificate that this process does not trust',
  `Name the CA file in ${CA} (or NODE_EXTRA_CA_CERTS).`,
];
const notHttp: Row = [
  'does not answer in HTTP/1.1',
  `Is that the gRPC port? OTLP over HTTP is usually on 4318: correct ${ENDPOINT}, or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.`,
];
const notTls: Row = [
  'does not speak TLS',
  `If the collector has no certificate, write http:// instead of https:// in ${ENDPOINT}.`,
];
const reset: Row = [
  'closed the connection without an answer',
  'Look into the collector’s log; a proxy between may be cutting connections.',
];

/** Keyed by Node's error code. */
export const connectionCauses: Readonly<Record<string, Row>> = {
  ECONNREFUSED: ['refuses the connection', `Is a collector listening there? Start one, or correct ${ENDPOINT}.`],
  ENOTFOUND: ['has a host name that does not resolve', `Correct the host in ${ENDPOINT}, or the DNS of this machine.`],
  EAI_AGAIN: ['has a host name that does not resolve right now', 'Check the DNS of this machine or container.'],
  EHOSTUNREACH: ['has no route from here', 'Check the network, the firewall and the address.'],
  ENETUNREACH: ['has no route from here', 'Check the network, the firewall and the address.'],
  ETIMEDOUT: ['does not accept the connection in time', 'Check the firewall and the address.'],
  ERR_DEADLINE: [
    'did not answer in time',
    'Is the collector overloaded? OTEL_EXPORTER_OTLP_TIMEOUT (ms) gives it longer.',
  ],
  ECONNRESET: reset,
  EPIPE: reset,
  EMFILE: ['cannot be reached: this process has no file descriptor left', 'Raise `ulimit -n`, or find the leak.'],
  HPE_INVALID_CONSTANT: notHttp,
  HPE_INVALID_VERSION: notHttp,
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['offers only TLS below 1.2', 'Turn on TLS 1.2 or later at the collector.'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ['offers only TLS below 1.2', 'Turn on TLS 1.2 or later at the collector.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: ['presents an expired certificate', 'Renew the collector’s certificate, or set this clock.'],
  CERT_NOT_YET_VALID: ['presents a certificate that is not valid yet', 'Check the clock of this machine.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'presents a certificate for another host name',
    `Use the name in the certificate in ${ENDPOINT}.`,
  ],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [
    'refuses the TLS handshake',
    'Does it ask for a client certificate? See OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and …_CLIENT_KEY.',
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
    'asks for a client certificate',
    'Set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY.',
  ],
  ERR_INVALID_CHAR: [
    'cannot be called: a header holds a character that HTTP does not allow',
    `Percent-encode the value in ${HEADERS}.`,
  ],
};

/** Keyed by HTTP status. */
export const statusCauses: Readonly<Record<number, Row>> = {
  400: ['says the request is malformed', 'Is it an OTLP traces receiver? Otherwise please report this to keeptrace.'],
  401: ['does not accept the credentials', `Check the key in ${HEADERS}.`],
  403: ['forbids this key to write traces', `Check the key and its rights in ${HEADERS}.`],
  404: [
    'has no such path',
    `${ENDPOINT} takes the base, /v1/traces is appended; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT takes the whole URL.`,
  ],
  405: ['takes no POST', `Correct the path in ${ENDPOINT}.`],
  413: ['finds the request too large', 'Set a smaller OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or raise its limit.'],
  415: [
    'does not take this encoding',
    'Set OTEL_EXPORTER_OTLP_PROTOCOL to the other of http/protobuf and http/json, or OTEL_EXPORTER_OTLP_COMPRESSION=none.',
  ],
  429: ['asks for less traffic', 'Raise its limit, or send less with OTEL_TRACES_SAMPLER_ARG.'],
  500: ['has an internal error', 'Look into the collector’s log.'],
  502: ['is behind a gateway that cannot reach it', 'Is the collector behind that gateway running?'],
  503: ['is not available', 'Is the collector starting, or overloaded? See its log.'],
  504: ['is behind a gateway that gets no answer from it', 'Is the collector behind that gateway overloaded?'],
};

/** Keyed by the code of the whole request. */
export const isolatedFixes: Readonly<Record<string, string>> = {
  http_400: 'The spans around them were taken: what it says, or its log, tells what is wrong with these.',
  http_413: 'The spans around them were taken: cut large attributes, or raise its limit.',
};

export function connectionFailure(error: unknown, label: string): Failure {
  const code = errorCode(error);
  const row = connectionCauses[code];
  const suffix = /^ERR_DEADLINE$/.test(code) ? '' : ` (${code})`;
  const [what, fix] = row ?? ['cannot be reached', `Check ${ENDPOINT} and the network.`];
  return { code, what: `${label} ${what}${suffix}`, fix };
}

export function statusFailure(
  status: number,
  label: string,
  { location, said }: { location: string | undefined; said: string },
): Failure {
  const code = `http_${status}`;
  if (status >= 300 && status < 400) {
    return {
      code,
      what: `${label} redirects (${status})${location ? ` to ${originAndPath(location, label)}` : ''}, which is not followed`,
      fix: `Headers may hold a key, so name the final address in ${ENDPOINT}.`,
    };
  }
  const [what, fix] = row(status, label);
  return { code, what: `${label} ${what} (${status})${said ? `: “${said}”` : ''}`, fix };
}

export function partialFailure(label: string, said: string): Failure {
  return {
    code: 'partial_success',
    what: `${label} took only a part of a batch${said ? `: “${said}”` : ''}`,
    fix: 'Look into the collector’s log for the spans it refused.',
  };
}

/** Spans that were refused by themselves, while those around them were taken. */
export function isolatedFailure({ code, what }: Failure): Failure {
  const fix = isolatedFixes[code] ?? 'The spans around them were taken.';
  return { code: `${code}_span`, what, fix };
}

export function notOtlpFailure(label: string): Failure {
  return {
    code: 'not_otlp',
    what: `${label} answers with a web page, so it is no OTLP receiver`,
    fix: `Correct host and port in ${ENDPOINT}.`,
  };
}

function row(status: number, label: string): Row {
  if (status === 404 && /\/v1\/traces\/v1\/traces/.test(label)) {
    return ['has no such path', `Write ${ENDPOINT} without /v1/traces: it is appended.`];
  }
  return statusCauses[status] ?? ['refuses the spans', `Is ${ENDPOINT} an OTLP/HTTP receiver?`];
}

/** A connect to a name with several addresses fails with an AggregateError whose parts hold the codes. */
function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN';
  const { code, errors, message } = error as { code?: unknown; errors?: unknown; message?: unknown };
  // OpenSSL's reason is only in the text then, as in "…:SSL routines:…:wrong version number:../deps/…".
  const reason = code === 'EPROTO' ? /SSL routines:[^:]*:([^:]+):/.exec(String(message))?.[1] : undefined;
  if (reason) return `ERR_SSL_${reason.replaceAll(/[ /]/g, '_').toUpperCase()}`;
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return errorCode(errors[0]);
  return 'UNKNOWN';
}

/** A redirect target may carry a token in its query. */
function originAndPath(location: string, base: string): string {
  if (!URL.canParse(location, base)) return 'elsewhere';
  const url = new URL(location, base);
  return url.origin === 'null' ? 'elsewhere' : url.origin + url.pathname;
}
