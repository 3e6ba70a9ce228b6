// Refuses requests that a web page could make: a rebound DNS name shows in Host, a foreign page in Origin.
import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './request-body.ts';

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export function refuseForeign(headers: IncomingHttpHeaders): void {
  const host = headers.host ?? '';
  if (!LOCAL_HOST.test(host)) throw new HttpProblem(403, 'Host must be localhost, 127.0.0.1 or [::1]');
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    throw new HttpProblem(403, 'requests of other origins are refused');
  }
}
