// Owns how a URL leaves the process: no user and password, no fragment, no secret in the query or in a path parameter.
// What is not secret stays byte for byte. Text without anything to hide comes back as the same string.
import { decode, type SecretNames } from './redact-names.ts';
import { type RedactText, redactWebhook } from './redact-text.ts';

export const redacted = 'REDACTED';

export interface UrlRedactor {
  /** A whole URL, or path and query as in `http.target`. */
  url(url: string): string;
  /** A query, with its question mark or without. */
  query(query: string): string;
  path(path: string): string;
}

export function createUrlRedactor(names: SecretNames, text: RedactText): UrlRedactor {
  const value = (raw: string): string => {
    if (raw.length < 6) return raw;
    if (!raw.includes('%')) return text(raw);
    // Within percent-encoding a hit has no place of its own, so that the value goes as a whole.
    const plain = decode(raw);
    return text(plain) === plain ? raw : redacted;
  };

  /** `a=1&token=x`, between `start` and the end of `query`. */
  const parameters = (query: string, start: number): string => {
    let result = '';
    let copied = 0;
    for (let at = start; at < query.length; ) {
      let end = at;
      while (end < query.length && query[end] !== '&' && query[end] !== ';') end += 1;
      const equals = query.indexOf('=', at);
      const from = equals < 0 || equals >= end ? at : equals + 1;
      const old = query.slice(from, end);
      const name = from > at ? query.slice(at, equals) : '';
      const secret = name !== '' && names.parameter(name) && !names.counts(name, old);
      const next = secret ? old && redacted : value(old);
      if (next !== old) {
        result += query.slice(copied, from) + next;
        copied = end;
      }
      at = end + 1;
    }
    return copied === 0 ? query : result + query.slice(copied);
  };

  const path = (raw: string): string => {
    const semicolon = raw.indexOf(';');
    const known = semicolon < 0 ? raw : raw.slice(0, semicolon + 1) + pathParameters(raw.slice(semicolon + 1));
    const clean = redactWebhook(known);
    return clean.includes('%') || text(clean) !== clean ? segments(clean) : clean;
  };

  /** `;jsessionid=…` may stand in any segment. */
  const pathParameters = (raw: string): string =>
    raw.replace(/([^;/=]{1,100})=([^;/]*)/g, (whole, name: string) =>
      names.parameter(name) ? `${name}=${redacted}` : whole,
    );

  const segments = (raw: string): string =>
    raw
      .split('/')
      .map((segment) => value(segment))
      .join('/');

  return {
    path,
    query: (query) => parameters(query, query.startsWith('?') ? 1 : 0),
    url(url) {
      const hash = url.indexOf('#');
      const bare = withoutUser(hash < 0 ? url : url.slice(0, hash));
      const mark = bare.indexOf('?');
      const scheme = bare.indexOf('://');
      const slash = bare.indexOf('/', scheme < 0 ? 0 : scheme + 3);
      const pathStart = slash < 0 || (mark >= 0 && slash > mark) ? (mark < 0 ? bare.length : mark) : slash;
      const pathEnd = mark < 0 ? bare.length : mark;
      const oldPath = bare.slice(pathStart, pathEnd);
      const newPath = oldPath.length > 5 ? path(oldPath) : oldPath;
      const oldQuery = mark < 0 ? '' : bare.slice(mark);
      const newQuery = oldQuery === '' ? '' : parameters(oldQuery, 1);
      return newPath === oldPath && newQuery === oldQuery ? bare : bare.slice(0, pathStart) + newPath + newQuery;
    },
  };
}

/** `https://user:password@host/` → `https://REDACTED:REDACTED@host/`; the last `@` of the authority counts. */
function withoutUser(url: string): string {
  const scheme = url.indexOf('://');
  if (scheme < 0) return url;
  const start = scheme + 3;
  let end = start;
  let at = -1;
  while (end < url.length && url[end] !== '/' && url[end] !== '?') {
    if (url[end] === '@') at = end;
    end += 1;
  }
  return at < 0 ? url : `${url.slice(0, start)}${redacted}:${redacted}${url.slice(at)}`;
}
