// Refuses requests that a web page could make: a rebound DNS name shows in Host, a foreign page in Origin.
import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './request-body.ts';

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export function refuseForeign(headers: IncomingHttpHeaders): void {
  const host = headers.host ?? '';
  if (!LOCAL_NAMES.has(hostname(`http://${host}`))) {
    throw new HttpProblem(403, 'Host must be localhost, 127.0.0.1 or [::1]');
  }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    throw new HttpProblem(403, 'requests of other origins are refused');
  }
}

function hostname(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
