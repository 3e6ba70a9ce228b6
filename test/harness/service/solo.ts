// The small route for counting: no calls, no spans but the server's, an error for a share of the request ids. Counted
// here instead of logged, for there are hundreds of thousands.
import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export function createSolo(secret: string, errors: number) {
  const counts = { handled: 0, failed: 0 };
  return {
    counts,
    handle(request: IncomingMessage, response: ServerResponse): void {
      const hash = createHmac('sha256', secret).update(String(request.headers['x-request-id'])).digest();
      const fails = hash.readUInt32BE(0) / 2 ** 32 < errors;
      counts.handled++;
      if (fails) counts.failed++;
      response.writeHead(fails ? 500 : 200, { 'content-type': 'text/plain' });
      response.end('done');
    },
  };
}
