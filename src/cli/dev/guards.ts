// What every answer and every request to the viewer is held to: it shows what an application does to whoever can read it.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProblem } from '../../receiver/request-body.ts';
import { refuseForeign } from '../../receiver/same-machine.ts';

/** Over both addresses together. */
export const MAX_CONNECTIONS = 50;

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** No `access-control-*` anywhere: no other page gets to read. */
export function setGuardHeaders(response: ServerResponse): void {
  response.setHeader('content-security-policy', CSP);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
}

/** A link may lead to the page from anywhere; what the page itself asks for may be asked for by no other. */
export function refuseOtherPages({ headers }: IncomingMessage, path: string): void {
  refuseForeign(headers);
  const site = headers['sec-fetch-site'];
  if (path !== '/' && (site === 'cross-site' || site === 'same-site')) {
    throw new HttpProblem(403, 'requests of other pages are refused');
  }
}

/** Limits of time and number. The connections are counted over all servers that are given. */
export function limitConnections(servers: readonly Server[], warn: (sentence: string) => void): void {
  const open = new Set<Socket>();
  const said = new Set<string>();
  const warnOnce = (sentence: string) => {
    if (!said.has(sentence)) warn(sentence);
    said.add(sentence);
  };
  for (const server of servers) {
    // Out of file descriptors, say: the next connection may work again.
    server.on('error', (error) => warnOnce(`a connection failed: ${error.message}`));
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    // Exporters come every few seconds: an idle connection outlasts the pause between two batches.
    server.keepAliveTimeout = 30_000;
    server.on('connection', (socket: Socket) => {
      if (open.size >= MAX_CONNECTIONS) {
        socket.destroy();
        warnOnce(`more than ${MAX_CONNECTIONS} connections at once; further ones are refused until some close`);
        return;
      }
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
  }
}
