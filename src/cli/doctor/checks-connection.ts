// Checks 1, 2, 4, 6, 10, 12 and 14: the way to the endpoint, when there is no answer.
import { connectionFailure } from '../../export/destination/failure-causes.ts';
import { type DoctorCode, finding } from './codes.ts';
import { endpointWords, headersVariable } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { proxyFor } from './proxy.ts';
import { isCompressionOnly } from './verdict.ts';

export function checkConnection(facts: Facts): Finding[] {
  const { network } = facts;
  if (network?.probe.kind !== 'none' || isCompressionOnly(facts)) return [];
  const { label, from } = endpointWords(facts);
  const { error, raw } = network.probe;
  const failure = connectionFailure(error, label);
  const code = codeOf(failure.code, raw, network.tlsThere === true);
  return [finding(code, { what: `${whatOf(code, facts, failure.what)}.`, from, fix: fixOf(code, facts, failure.fix) })];
}

/** @param raw the first bytes of what was no HTTP answer */
function codeOf(code: string, raw: Buffer | undefined, tlsThere: boolean): DoctorCode {
  if (tlsThere) return 'ENDPOINT_TLS';
  if (/^(ENOTFOUND|EAI_|ENODATA)/.test(code)) return 'ENDPOINT_DNS';
  if (/NO_APPLICATION_PROTOCOL/.test(code)) return 'ENDPOINT_IS_GRPC';
  if (/^HPE_/.test(code)) return raw === undefined || isHttp2(raw) ? 'ENDPOINT_IS_GRPC' : 'ENDPOINT_NOT_OTLP';
  if (/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER|HTTP2_(INVALID|CONNECT|HEADER|PSEUDO))/.test(code))
    return 'HEADERS_SYNTAX';
  if (/^ERR_HTTP2|^NGHTTP2/.test(code)) return 'PROTOCOL_PORT_MISMATCH';
  if (/^ERR_(SSL|TLS)_|CERT|^UNABLE_TO_|^EPROTO$/.test(code)) return 'ENDPOINT_TLS';
  if (code === 'ERR_DEADLINE' || code === 'ETIMEDOUT') return 'ENDPOINT_HANG';
  return 'ENDPOINT_REFUSED';
}

/** RFC 9113 §3.4: a server begins with a SETTINGS frame, whose fourth byte is 4. */
function isHttp2(raw: Buffer): boolean {
  return raw.length >= 9 && raw[3] === 4 && raw[0] === 0;
}

function whatOf(code: DoctorCode, facts: Facts, what: string): string {
  const { label, url } = endpointWords(facts);
  if (code === 'HEADERS_SYNTAX')
    return `Requests to ${label} cannot be sent: HTTP does not allow one of the headers (${errorCode(facts)})`;
  if (code === 'ENDPOINT_IS_GRPC') return `${label} speaks gRPC, and spans are sent to it over HTTP/1.1`;
  if (code === 'PROTOCOL_PORT_MISMATCH') return `${label} does not speak gRPC, which is the protocol that is set`;
  if (code === 'ENDPOINT_NOT_OTLP') return `${label} answers, and not in HTTP`;
  if (code === 'ENDPOINT_TLS' && facts.network?.tlsThere)
    return `${label} speaks TLS, and spans are sent in plain http`;
  if (facts.network?.lookup.kind === 'failed' && code === 'ENDPOINT_HANG')
    return `No name server told the address of ${url.hostname} in time`;
  if (code === 'ENDPOINT_HANG') return `${what.replace(' in time', '')} within ${seconds(facts)}`;
  return what;
}

function errorCode({ network }: Facts): string {
  return network?.probe.kind === 'none' ? (network.probe.error.code ?? 'unknown') : '';
}

function seconds({ network }: Facts): string {
  const ms = network?.probe.ms ?? 0;
  return ms < 950 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
}

/** In a container, localhost is the container itself. */
function outside(facts: Facts): string {
  const hostname = facts.container === 'kubernetes' ? 'collector.namespace' : 'host.docker.internal';
  return `outside of this container: ${endpointWords(facts).line({ hostname })}`;
}

/** Nobody listens on a port of this machine: a viewer can, or the port is a typing error. */
function viewerThere(facts: Facts): string | undefined {
  const { line, url } = endpointWords(facts);
  if (errorCode(facts) !== 'ECONNREFUSED' || url.protocol !== 'http:' || url.port === '4317') return undefined;
  if (facts.resolved.settings.protocol === 'grpc') return undefined;
  return `npx keeptrace dev --port ${url.port || 80}  # or, if that is not your collector's port: ${line({ port: '4318' })}`;
}

function fixOf(code: DoctorCode, facts: Facts, advice: string): string {
  const { line, url, local } = endpointWords(facts);
  switch (code) {
    case 'ENDPOINT_REFUSED':
      if (!local) return advice;
      if (url.port !== '4318') return viewerThere(facts) ?? advice;
      return facts.container ? `npx keeptrace dev  # ${outside(facts)}` : 'npx keeptrace dev';
    case 'ENDPOINT_IS_GRPC':
      return url.port === '4317' ? line({ port: '4318' }) : 'OTEL_EXPORTER_OTLP_PROTOCOL=grpc';
    case 'PROTOCOL_PORT_MISMATCH':
      return url.port === '4318' ? line({ port: '4317' }) : 'OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf';
    case 'HEADERS_SYNTAX':
      return `${headersVariable(facts)}=x-api-key=YOUR_KEY`;
    case 'ENDPOINT_TLS':
      return tlsFix(facts, advice);
    case 'ENDPOINT_HANG':
      return facts.network?.lookup.kind === 'failed' ? 'Check the DNS of this machine or container.' : advice;
    case 'ENDPOINT_NOT_OTLP':
      return line({ port: '4318' });
    default:
      return advice;
  }
}

function tlsFix(facts: Facts, advice: string): string {
  const { line } = endpointWords(facts);
  const { network } = facts;
  if (network?.tlsThere) return line({ protocol: 'https:' });
  const code = network?.probe.kind === 'none' ? connectionFailure(network.probe.error, '').code : '';
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|^EPROTO$/.test(code)) return line({ protocol: 'http:' });
  if (/SELF_SIGNED|UNABLE_TO_/.test(code)) return 'OTEL_EXPORTER_OTLP_CERTIFICATE=/path/to/ca.pem';
  return advice;
}

/** Something listens, on an address that is not tried: of the other family, or behind the first of a name. */
export function checkAddressFamily(facts: Facts): Finding[] {
  const { network } = facts;
  if (network?.probe.kind !== 'none') return [];
  const open = network.each.find(({ outcome }) => outcome === 'open');
  const closed = network.each.find(({ outcome, named }) => named && outcome !== 'open');
  const reached = open?.named === true && facts.triesAllAddresses;
  if (!open || !closed || reached) return [];
  const { line, from, url } = endpointWords(facts);
  const written = open.family === 6 ? `[${open.address}]` : open.address;
  const who =
    closed.address === url.hostname.replace(/[[\]]/g, '')
      ? closed.address
      : `${url.hostname} is ${closed.address}, which`;
  return [
    finding('LOCALHOST_FAMILY', {
      what: `${who} refuses the connection (${closed.outcome}), and ${open.address} on the same port takes it.`,
      from,
      fix: line({ hostname: written }),
    }),
  ];
}

/** Node would use a proxy for nothing that keeptrace sends, so this counts only where the direct way fails. */
export function checkProxy(facts: Facts): Finding[] {
  const { network, environment } = facts;
  if (network?.probe.kind !== 'none') return [];
  const { url, local } = endpointWords(facts);
  const proxy = local ? undefined : proxyFor(url, environment.variables);
  if (proxy === undefined) return [];
  return [
    finding('PROXY', {
      what: `${url.host} cannot be reached directly, and ${proxy.variable} names the proxy ${proxy.host}, which spans do not go through.`,
      from: `${proxy.variable} in the environment`,
      fix: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://COLLECTOR_INSIDE_THE_NETWORK:4318',
    }),
  ];
}
