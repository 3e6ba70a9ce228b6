// One service of the harness: an ordinary app under a preload. It learns its part over IPC and keeps its own log.
import { openSync, writeSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import type * as Keeptrace from '../../../src/index.ts';
import { expandHops, nodeOf } from './graph.ts';
import { handle, type Surroundings } from './handler.ts';
import { createPlan } from './plan.ts';
import type { Answer, Assignment, LogLine, Order } from './protocol.ts';
import { createSolo } from './solo.ts';

// By a name that the type checker does not look up: in here it is the packed package.
const name: string = 'keeptrace';
const keeptrace = (await import(name)) as typeof Keeptrace;

const tell = (answer: Answer) => process.send?.(answer);
let solo: ReturnType<typeof createSolo>;
let around: Surroundings;

process.on('message', (message: Order) => {
  if (message.order === 'assign') assign(message.assignment);
  else if (message.order === 'peers') Object.assign(around.peers, message.peers);
  else if (message.order === 'solo') tell({ answer: 'solo', ...solo.counts });
  else void settle(message.own);
});
process.on('disconnect', () => process.exit(0));

function assign(assignment: Assignment): void {
  const { graph, service, secret, mix, slowMs, soloErrors, logFile, port } = assignment;
  const log = openSync(logFile, 'a');
  solo = createSolo(secret, soloErrors);
  around = {
    node: nodeOf(graph, service),
    peers: assignment.peers,
    plan: createPlan(secret, expandHops(graph), mix, slowMs),
    log: (line: LogLine) => writeSync(log, `${JSON.stringify(line)}\n`),
    withSpan: keeptrace.withSpan,
    mark(requestId, hop) {
      trace.getActiveSpan()?.setAttributes({ 'app.request.id': requestId, 'app.hop': hop });
    },
  };
  const server = http.createServer((request, response) => {
    if (request.url === '/solo') solo.handle(request, response);
    else handle(request, response, around).catch((error: unknown) => console.error(error));
  });
  // Longer than any pause of a run: a connection that is closed just as it is used again would be a fault of no plan.
  server.keepAliveTimeout = 600_000;
  server.listen(port, '127.0.0.1', () => tell({ answer: 'listening', port: (server.address() as AddressInfo).port }));
}

/** Everything decided and sent, then the counts. */
async function settle(own: boolean): Promise<void> {
  if (own) {
    const tracing = keeptrace.initTracing();
    await tracing.flush();
    tell({ answer: 'settled', stats: tracing.stats() });
    return;
  }
  const provider = trace.getTracerProvider() as { getDelegate?(): { forceFlush?(): Promise<void> } };
  await provider.getDelegate?.().forceFlush?.();
  tell({ answer: 'settled', stats: undefined });
}
