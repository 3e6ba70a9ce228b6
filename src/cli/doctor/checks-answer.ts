// Checks 3, 7 to 10, 15, 16 and 17: what the endpoint answered.
import { statusFailure } from '../../export/destination/failure-causes.ts';
import { sourceOf } from '../environment.ts';
import { type DoctorCode, finding } from './codes.ts';
import { endpointWords, headersVariable } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Answer, ProbeResult } from './probe.ts';

/** An answer for a batch without a single span should take no time at all. */
const SLOW_MS = 1_000;
/** Traces that are off by more are looked for in the wrong place. */
const SKEW_MS = 30_000;

export function checkAnswer(facts: Facts): Finding[] {
  const answer = answerOf(facts);
  if (!answer || isCompressionOnly(facts)) return [];
  if (answer.grpc) return checkGrpc(facts, answer.grpc);
  if (accepts(answer)) return checkBody(facts, answer);
  const { label, from, scrub, line } = endpointWords(facts);
  const { status, location } = answer;
  const said = /json|text\/plain/.test(answer.contentType) ? scrub(answer.body) : '';
  const failure = statusFailure(status, label, { location, said });
  const code = codeOf(answer);
  const what =
    code === 'ENDPOINT_IS_GRPC' ? `${label} speaks gRPC, and spans are sent to it over HTTP/1.1` : failure.what;
  return [
    finding(code, {
      what: `${what}.`,
      from: fromOf(code, facts, from),
      fix: fixOf(code, facts, answer, failure.fix, line),
    }),
  ];
}

function codeOf({ status, body }: Answer): DoctorCode {
  if (status >= 300 && status < 400) return 'ENDPOINT_REDIRECT';
  // What Node and others say who were asked for HTTP/1.1 and have HTTP/2 only.
  if (status === 403 && /ALPN/.test(body)) return 'ENDPOINT_IS_GRPC';
  if (status === 401 || status === 403) return 'ENDPOINT_AUTH';
  if (status === 404 || status === 405) return 'ENDPOINT_PATH';
  if (status === 413) return 'PAYLOAD_LIMIT';
  if (status === 429 || status >= 500) return 'THROTTLED';
  // What nginx and Go answer to plain http on a port for https.
  if (status === 400 && /HTTPS (?:port|server)/i.test(body)) return 'ENDPOINT_TLS';
  return 'ENDPOINT_NOT_OTLP';
}

function fromOf(code: DoctorCode, facts: Facts, from: string): string {
  if (code !== 'ENDPOINT_AUTH') return from;
  const names = Object.keys(facts.resolved.settings.headers);
  return names.length === 0 ? 'no header is set' : `${headersVariable(facts)}, which sets ${names.join(', ')}`;
}

function fixOf(
  code: DoctorCode,
  facts: Facts,
  { location }: Answer,
  advice: string,
  line: ReturnType<typeof endpointWords>['line'],
): string {
  const [name = 'x-api-key'] = Object.keys(facts.resolved.settings.headers);
  switch (code) {
    case 'ENDPOINT_AUTH':
      return `${headersVariable(facts)}=${name === 'authorization' ? 'authorization=Bearer%20YOUR_KEY' : `${name}=YOUR_KEY`}`;
    case 'ENDPOINT_TLS':
      return line({ protocol: 'https:' });
    case 'ENDPOINT_IS_GRPC':
      return 'OTEL_EXPORTER_OTLP_PROTOCOL=grpc';
    case 'PAYLOAD_LIMIT':
      return 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE=64';
    case 'ENDPOINT_REDIRECT':
      return redirectLine(facts, location) ?? advice;
    default:
      return advice;
  }
}

function redirectLine(facts: Facts, location: string | undefined): string | undefined {
  const { url, line } = endpointWords(facts);
  if (location === undefined || !URL.canParse(location, url.href)) return undefined;
  const target = new URL(location, url.href);
  if (!/^https?:$/.test(target.protocol)) return undefined;
  const { protocol, hostname, port, pathname } = target;
  return line({ protocol, hostname, port, pathname });
}

function checkBody(facts: Facts, { contentType, body }: Answer): Finding[] {
  const { label, from, line } = endpointWords(facts);
  const page = contentType.startsWith('text/html') || /^\s*</.test(body);
  if (!page && (body === '' || /json|protobuf|octet-stream/.test(contentType))) return [];
  return [
    finding('ENDPOINT_NOT_OTLP', {
      what: page
        ? `${label} answers with a web page, so it is no OTLP receiver.`
        : `${label} says yes in ${contentType || 'no named format'}, which no OTLP receiver does.`,
      from,
      fix: line({ port: '4318' }),
      ...(!page && { severity: 'warning' as const }),
    }),
  ];
}

function checkGrpc(facts: Facts, { status, message }: { status: number; message: string }): Finding[] {
  if (status === 0) return [];
  const { label, from, scrub } = endpointWords(facts);
  const code: DoctorCode =
    status === 16 || status === 7 ? 'ENDPOINT_AUTH' : status === 8 || status === 14 ? 'THROTTLED' : 'ENDPOINT_NOT_OTLP';
  const said = scrub(message);
  return [
    finding(code, {
      what: `${label} refuses spans with the gRPC status ${status}${said && `: “${said}”`}.`,
      from: fromOf(code, facts, from),
      fix: fixOf(
        code,
        facts,
        facts.network?.probe as Answer,
        'Is it an OTLP receiver? Correct OTEL_EXPORTER_OTLP_ENDPOINT.',
        () => '',
      ),
    }),
  ];
}

export function checkCompression(facts: Facts): Finding[] {
  const { network, environment, resolved } = facts;
  if (!network || !isCompressionOnly(facts)) return [];
  const { probe } = network;
  const { label } = endpointWords(facts);
  const origin = resolved.origins.compression ?? { kind: 'default', name: 'compression' };
  const variable = origin.kind === 'env' ? origin.name : 'OTEL_EXPORTER_OTLP_COMPRESSION';
  return [
    finding('COMPRESSION', {
      what: `${label} takes a plain request and refuses the same one with gzip (${probe.kind === 'answer' ? probe.status : probe.error.code}).`,
      from: sourceOf(origin, environment, variable),
      fix: `${variable}=none`,
    }),
  ];
}

/** Then nothing else is wrong with the endpoint. */
export function isCompressionOnly({ network }: Facts): boolean {
  return network?.plain !== undefined && accepts(network.plain) && !accepts(network.probe);
}

export function checkSlowness(facts: Facts): Finding[] {
  const answer = answerOf(facts);
  if (!answer || !accepts(answer) || answer.ms < SLOW_MS) return [];
  const { label, from } = endpointWords(facts);
  return [
    finding('ENDPOINT_SLOW', {
      what: `${label} took ${(answer.ms / 1_000).toFixed(1)} s to accept a batch without a single span.`,
      from,
      fix: 'Use a collector nearby, or a nearer region of the backend.',
    }),
  ];
}

export function checkClock(facts: Facts): Finding[] {
  const answer = answerOf(facts);
  const theirs = Date.parse(answer?.date ?? '');
  if (!answer || Number.isNaN(theirs)) return [];
  const skew = answer.at - answer.ms / 2 - theirs;
  if (Math.abs(skew) <= SKEW_MS) return [];
  const { url } = endpointWords(facts);
  return [
    finding('CLOCK_SKEW', {
      what: `The clock of this machine is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} that of ${url.host}.`,
      from: 'the Date header of its answer',
      fix: 'sudo timedatectl set-ntp true',
    }),
  ];
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

function answerOf({ network }: Facts): Answer | undefined {
  return network?.probe.kind === 'answer' ? network.probe : undefined;
}

export function accepts(result: ProbeResult): boolean {
  if (result.kind === 'none') return false;
  if (result.grpc) return result.grpc.status === 0;
  return result.status >= 200 && result.status < 300;
}
