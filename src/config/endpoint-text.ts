// From the text of an endpoint to a URL: repairs what is certain, refuses what is not, and tells both.
import { nearest } from './nearest.ts';
import type { ProblemCode } from './problem-codes.ts';

export interface EndpointFault {
  code: ProblemCode;
  /** Continues "VARIABLE=value …". */
  why: string;
  refused?: true;
}

export interface UrlReading {
  url: URL | undefined;
  faults: EndpointFault[];
  /** A better text, when the refused one shows what was meant. */
  better?: string | undefined;
}

/** Far above any real address; keeps what follows fast on any text. */
const MAX_LENGTH = 2048;
const PLACEHOLDER = /\$\{|\$\(|\{\{|<[^>]*>|\$[A-Z_]{2,}|%[A-Z_]{2,}%/i;
/** Schemes that are meant as such: anything else before a colon is a host without a scheme, `localhost:4318`. */
const OTHER_SCHEMES =
  /^(?:unix|unix-abstract|file|ftps?|wss?|tcp|udp|tls|grpcs?|data|javascript|mailto|dns|passthrough|xds|blob|about|ssh|otlp|s3|redis|kafka):/i;

/** @param plainText which scheme a text without one gets; undefined when such a text is correct (grpc) and means TLS. */
export function readUrl(text: string, schemeless: { silent: boolean; scheme: 'http' | 'https' }): UrlReading {
  const refuse = (why: string, better?: string): UrlReading => ({
    url: undefined,
    faults: [{ code: 'KT_ENDPOINT_INVALID', why, refused: true }],
    better,
  });
  if (text.length > MAX_LENGTH) return refuse(`is longer than ${MAX_LENGTH} characters`);
  if (/,\s*(?:[a-z]+:\/\/|[\w.-]+:\d)/i.test(text))
    return refuse('names more than one endpoint', text.split(',')[0]!.trim());
  if (PLACEHOLDER.test(text)) return refuse('contains a placeholder that nothing has filled in');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: `URL` would drop tabs and line breaks without a word
  if (/[\u0000-\u0020\u007f]/.test(text)) return refuse('contains a space or a control character');

  const faults: EndpointFault[] = [];
  const address = withScheme(text, schemeless, faults);
  if (address === undefined) return { url: undefined, faults, better: betterScheme(text) };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) return refuse(whyUnparsable(address));
  // A header that landed in the wrong variable: `api-key=…` would be looked up as a name.
  if (url.hostname.includes('=')) return refuse('is no address');
  if (url.port === '0') return refuse('has port 0, to which nothing can connect');
  return { url, faults };
}

function withScheme(
  text: string,
  schemeless: { silent: boolean; scheme: string },
  faults: EndpointFault[],
): string | undefined {
  const refuse = (why: string): undefined => {
    faults.push({ code: 'KT_ENDPOINT_INVALID', why, refused: true });
  };
  const repair = (why: string): void => {
    faults.push({ code: 'KT_ENDPOINT_REPAIRED', why });
  };
  const slashed = text.replaceAll('\\', '/');
  if (slashed !== text) repair('is written with backslashes');
  const http = /^(https?)(:?)(\/*)(.*)$/is.exec(slashed);
  if (http && (http[2] || http[3]!.length > 1)) {
    if (!http[2]) repair('has no colon after the scheme');
    else if (http[3] !== '//' && slashed === text)
      repair(`has ${http[3]!.length || 'no'} slash${http[3]!.length === 1 ? '' : 'es'} after the scheme`);
    return `${http[1]}://${http[4]}`;
  }
  if (OTHER_SCHEMES.test(slashed) || /^[a-z][a-z0-9+.-]*:\/\//i.test(slashed)) {
    return refuse(`has the scheme ${slashed.slice(0, slashed.indexOf(':')).slice(0, 20)}`);
  }
  const bare = slashed.replace(/^\/\//, '');
  if (/^[/:?#]/.test(bare)) return refuse('names no host');
  if (!/^(?:localhost\b|\[|[^/?#]*(?:\.|:\d))/i.test(bare)) return refuse('is no address');
  const scheme = /^[^/?#]*:443(?:[/?#]|$)/.test(bare) ? 'https' : schemeless.scheme;
  if (!schemeless.silent) faults.push({ code: 'KT_ENDPOINT_NO_SCHEME', why: 'has no scheme' });
  return `${scheme}://${bare}`;
}

function betterScheme(text: string): string | undefined {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/i.exec(text);
  if (!match) return undefined;
  const scheme = /^(?:grpcs|wss|tls)$/i.test(match[1]!)
    ? 'https'
    : (nearest(match[1]!, ['http', 'https']) ?? (/^(?:grpc|ws|tcp|otlp)$/i.test(match[1]!) ? 'http' : undefined));
  return scheme && `${scheme}://${match[2]}`;
}

function whyUnparsable(address: string): string {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(address)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host === '' || host.startsWith(':')) return 'names no host';
  if (host.startsWith('[') && !/^\[[0-9a-f:.]+\](?::|$)/i.test(host)) return 'has a broken IPv6 address';
  if (/^[0-9a-f]*:[0-9a-f]*:[0-9a-f:]+$/i.test(host)) return 'has an IPv6 address without [ ]';
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  if (port && !(/^\d+$/.test(port) && Number(port) < 65_536)) return 'has a port that is no number from 1 to 65535';
  return 'has a host that cannot exist';
}
