// The address that spans are posted to: path, port and safety of an endpoint, folded into one problem at most.
import { hostKind } from './addresses.ts';
import { type EndpointFault, readUrl } from './endpoint-text.ts';
import type { Origin, Problem } from './problems.ts';
import { assignment, MAX_WRITTEN, printable, toProblem, withoutUrlSecrets } from './sentence.ts';
import type { OtlpProtocol } from './settings.ts';

export interface EndpointContext {
  origin: Origin;
  /** `base` gets `/v1/traces`; `exact` is used as it is; `either` gets it when it has no path. */
  kind: 'base' | 'exact' | 'either';
  protocol: OtlpProtocol;
  insecure: boolean;
  allowUnsafe: boolean;
  /** Names of the headers that will be sent. */
  headers: readonly string[];
}

export interface Endpoint {
  /** Empty when refused. */
  url: string;
  problem: Problem | undefined;
}

const TRACES = '/v1/traces';
const ALLOW = 'KEEPTRACE_ALLOW_UNSAFE_ENDPOINT=true';
/** Header and query names that carry credentials. */
const CREDENTIAL =
  /auth|token|secret|passw|cookie|credential|license|signature|(?:^|[-_.])(?:api[-_.]?)?key$|apikey|x-honeycomb-team|^dd-api|^sig$/i;

const FOREIGN_PORTS: Record<string, string> = {
  '9411': 'Zipkin',
  '14250': "Jaeger's own gRPC protocol",
  '14268': "Jaeger's own HTTP protocol",
  '16686': 'the Jaeger user interface',
  '8126': "Datadog's own protocol",
  '8888': "the Collector's own metrics",
  '13133': "the Collector's health check",
};

export function checkEndpoint(text: string, context: EndpointContext): Endpoint {
  const grpc = context.protocol === 'grpc';
  const schemeless = { silent: grpc, scheme: grpc && !context.insecure ? 'https' : 'http' } as const;
  const { url, faults, better } = readUrl(text, schemeless);
  if (!url)
    return refused(looksLikePair(text) ? undefined : text, context, faults, looksLikePair(better) ? undefined : better);
  const refusal = unsafe(url, context);
  if (refusal) return refused(text, context, [refusal.fault], refusal.write);

  const fixed = new URL(url);
  fixed.hash = '';
  if (url.hash) faults.push({ code: 'KT_ENDPOINT_REPAIRED', why: 'has a # part, which is not sent' });
  settlePath(fixed, context, faults);
  const wanted = new URL(fixed);
  complainAboutPort(fixed, wanted, context, faults);
  const href = grpc ? fixed.origin : fixed.href;
  if (faults.length === 0) return { url: href, problem: undefined };
  const now = grpc ? `spans go to ${printable(href)} by gRPC` : `spans are posted to ${printable(href)}`;
  return { url: href, problem: tell(text, context, faults, now, inNotation(wanted, context)) };
}

/** Settles the path in place, and says what was wrong with it. */
function settlePath(url: URL, { kind, protocol }: EndpointContext, faults: EndpointFault[]): void {
  const path = url.pathname.replace(/\/+$/, '');
  const complain = (why: string): void => {
    faults.push({ code: 'KT_ENDPOINT_PATH', why });
  };
  if (protocol === 'grpc') {
    if (path !== '' || url.search !== '') complain(`has a ${path === '' ? 'query' : 'path'}, which gRPC does not know`);
    return;
  }
  const doubled = /^(.*?)(?:\/v1\/traces){2,}$/.exec(path);
  const foreign = /^(.*)\/v1\/(metrics|logs)$/.exec(path);
  if (doubled) complain('repeats /v1/traces');
  else if (foreign) complain(`ends in /v1/${foreign[2]}, where no traces are accepted`);
  else if (kind === 'base' && path.endsWith(TRACES))
    complain('already ends in /v1/traces, which is added to this variable');
  else if (kind === 'exact' && path === '') complain('has no path, and nothing is added to this variable');

  if (doubled || foreign) url.pathname = `${(doubled ?? foreign)![1]}${TRACES}`;
  else if (kind === 'base' && !path.endsWith(TRACES)) url.pathname = `${path}${TRACES}`;
  else if (kind === 'base') url.pathname = path;
  else if (kind === 'either' && path === '') url.pathname = TRACES;
}

/** A port may be mapped to anything, so it is told and not changed; `wanted` gets the usual one. */
function complainAboutPort(url: URL, wanted: URL, { kind, protocol }: EndpointContext, faults: EndpointFault[]): void {
  const complain = (why: string): void => {
    faults.push({ code: 'KT_ENDPOINT_PORT', why });
  };
  if (kind === 'exact' && url.pathname === '/' && protocol !== 'grpc') wanted.pathname = TRACES;
  if (protocol !== 'grpc' && url.port === '4317') {
    complain(`names port 4317, where gRPC is spoken, while the protocol is ${protocol}`);
    wanted.port = '4318';
  } else if (protocol === 'grpc' && url.port === '4318') {
    complain('names port 4318, where HTTP is spoken, while the protocol is grpc');
    wanted.port = '4317';
  } else if (FOREIGN_PORTS[url.port]) {
    complain(`names port ${url.port}, the one of ${FOREIGN_PORTS[url.port]}`);
    wanted.port = protocol === 'grpc' ? '4317' : '4318';
  } else if (url.protocol === 'http:' && url.port === '443') {
    complain('speaks plain http to port 443');
    wanted.port = '';
    wanted.protocol = 'https:';
  }
  if (hostKind(url.hostname) === 'unspecified') {
    complain('names an address to listen on, not one to connect to');
    wanted.hostname = '127.0.0.1';
  }
}

function unsafe(url: URL, context: EndpointContext): { fault: EndpointFault; write?: string | undefined } | undefined {
  const refuse = (
    code: EndpointFault['code'],
    why: string,
  ): { code: EndpointFault['code']; why: string; refused: true } => ({ code, why, refused: true });
  if (url.username || url.password) {
    const clean = new URL(url);
    clean.username = '';
    clean.password = '';
    const write = `${inNotation(clean, context)} and the credentials in OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20…`;
    return { fault: refuse('KT_ENDPOINT_CREDENTIALS', 'carries a user name or a password'), write };
  }
  const kind = hostKind(url.hostname);
  if (kind === 'unroutable')
    return { fault: refuse('KT_ENDPOINT_INVALID', 'names an address to which nothing can connect') };
  if (context.allowUnsafe) return undefined;
  if (kind === 'metadata')
    return { fault: refuse('KT_ENDPOINT_REFUSED', `names the metadata service of a cloud provider (unless ${ALLOW})`) };
  if (kind === 'link-local')
    return { fault: refuse('KT_ENDPOINT_REFUSED', `names a link-local address (unless ${ALLOW})`) };
  if (url.protocol !== 'http:' || kind === 'loopback' || kind === 'unspecified') return undefined;
  const carrier = context.headers.find((name) => CREDENTIAL.test(name));
  const query = [...url.searchParams.keys()].some((name) => CREDENTIAL.test(name));
  if (!carrier && !query) return undefined;
  const secure = new URL(url);
  secure.protocol = 'https:';
  const what = carrier ? `the header ${carrier}` : 'the key in its query';
  return {
    fault: refuse('KT_ENDPOINT_CLEARTEXT', `would send ${what} unencrypted to another machine (unless ${ALLOW})`),
    write: inNotation(secure, context),
  };
}

/** What is no address and has a `=` may be a header with its key, so it is not shown. */
function looksLikePair(text: string | undefined): boolean {
  return text !== undefined && withoutUrlSecrets(text).includes('=');
}

function refused(
  text: string | undefined,
  context: EndpointContext,
  faults: EndpointFault[],
  better: string | undefined,
): Endpoint {
  const fallback =
    context.protocol === 'grpc'
      ? 'http://localhost:4317'
      : `http://localhost:4318${context.kind === 'exact' ? TRACES : ''}`;
  const first = faults.filter(({ refused }) => refused);
  return { url: '', problem: tell(text, context, first, 'tracing is off, spans are sent nowhere', better ?? fallback) };
}

function tell(
  text: string | undefined,
  { origin }: EndpointContext,
  faults: EndpointFault[],
  now: string,
  write: string,
): Problem {
  const off = faults.some(({ refused }) => refused);
  const line = printable(write, MAX_WRITTEN);
  return toProblem({
    code: faults[0]!.code,
    severity: off ? 'error' : 'warning',
    origin,
    shown: text === undefined ? undefined : origin.kind === 'code' ? `'${printable(text)}'` : printable(text),
    why: faults.map(({ why }) => why).join(', and it '),
    expected: 'one http:// or https:// address',
    now: origin.kind === 'code' && off ? undefined : now,
    write: assignment(origin, origin.kind === 'code' ? `'${line}'` : line),
  });
}

/** The URL as the variable wants it: without `/v1/traces` where that is added. */
function inNotation(url: URL, { kind, protocol }: EndpointContext): string {
  if (protocol === 'grpc') return url.origin;
  const path = kind === 'base' ? url.pathname.replace(/\/v1\/traces\/?$/, '') : url.pathname;
  return `${url.origin}${path === '/' ? '' : path}${url.search}`;
}
