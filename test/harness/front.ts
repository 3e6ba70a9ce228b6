// A front before a service that removes headers: what a proxy on the way may do, and the negative control without the
// keep-signal. Knows nothing of tracing otherwise.
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Front {
  url: string;
  close(): void;
}

export interface Filters {
  request?: (headers: IncomingHttpHeaders) => void;
  response?: (headers: IncomingHttpHeaders) => void;
}

export async function startFront(target: string, filters: Filters): Promise<Front> {
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => forward(request, response, target, agent, filters));
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  agent: http.Agent,
  filters: Filters,
): void {
  const headers = { ...request.headers };
  filters.request?.(headers);
  const onward = http.request(target + request.url, { agent, method: request.method, headers }, (answer) => {
    const back = { ...answer.headers };
    filters.response?.(back);
    response.writeHead(answer.statusCode ?? 502, back);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  // Hanging up is passed on as well.
  response.on('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
  request.pipe(onward);
}
