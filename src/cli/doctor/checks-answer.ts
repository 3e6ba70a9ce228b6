// Checks 3, 7, 8, 9 and 16: the endpoint answered, and not with a yes.
import { statusFailure } from '../../export/destination/failure-causes.ts';
import { type DoctorCode, finding } from './codes.ts';
import { endpointWords, headersVariable } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Answer } from './probe.ts';
import { accepts, answerOf, isCompressionOnly } from './verdict.ts';

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
    case 'ENDPOINT_PATH':
      // Of a variable that names the whole address.
      return new URL(facts.resolved.settings.endpoint).pathname === '/' ? line({ pathname: '/v1/traces' }) : advice;
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
