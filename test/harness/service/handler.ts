// How a service handles one request: calls the others, fails when the plan says so, and writes down what happened.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Called, call } from './calls.ts';
import type { ServiceNode } from './graph.ts';
import type { Fault, Plan } from './plan.ts';
import type { LogLine } from './protocol.ts';

export interface Surroundings {
  node: ServiceNode;
  peers: Record<string, string>;
  plan: Plan;
  log(line: LogLine): void;
  withSpan<T>(name: string, fn: () => T): T;
  mark(requestId: string, hop: string): void;
}

/** A caller hangs up this long after it sent the request. */
export const ABORT_AFTER_MS = 80;
const ABORT_WAIT_MS = 10_000;

export async function handle(request: IncomingMessage, response: ServerResponse, around: Surroundings): Promise<void> {
  const started = performance.now();
  const requestId = String(request.headers['x-request-id']);
  const hop = String(request.headers['x-hop'] ?? '0');
  around.mark(requestId, hop);
  const fault = around.plan(requestId);
  const mine = fault?.hop === hop ? fault : undefined;
  const line: LogLine = {
    service: around.node.name,
    requestId,
    hop,
    fault: mine?.kind,
    status: 0,
    ms: 0,
    spans: 1,
    // Not an abort: that the caller lost interest is no error of this service.
    ownError: mine?.kind === 'hidden' || mine?.kind === 'late' || mine?.kind === 'reset',
    finished: false,
    unexpected: undefined,
  };
  const closed = new Promise<void>((resolve) => response.once('close', resolve));

  if (mine?.kind === 'kill') {
    around.log({ ...line, ms: performance.now() - started });
    process.kill(process.pid, 'SIGKILL');
    return;
  }
  const status = await work(hop, fault, mine, line, around, requestId, closed);
  if (mine?.kind === 'reset') response.destroy();
  else if (!response.destroyed) await answer(response, status, mine, line, around);
  await closed;
  line.finished = response.writableFinished;
  line.status = response.headersSent ? response.statusCode : 0;
  line.ms = performance.now() - started;
  around.log(line);
}

/** @returns the status to answer with */
async function work(
  hop: string,
  fault: Fault | undefined,
  mine: Fault | undefined,
  line: LogLine,
  around: Surroundings,
  requestId: string,
  closed: Promise<void>,
): Promise<number> {
  line.spans++;
  await around.withSpan('compute', () => sleep(1 + Math.random() * 2));
  if (hop === '0' && fault !== undefined && fault.rootBeforeMs > 0) await sleep(fault.rootBeforeMs);
  if (mine?.early) {
    await fail(mine, line, around, closed);
    if (mine.kind === '5xx') return 500;
    if (mine.kind === 'absorbed') return 503;
    if (mine.kind === 'reset' || mine.kind === 'abort') return 0;
  }
  const failed = await callOthers(hop, fault, line, around, requestId);
  if (mine !== undefined && !mine.early) await fail(mine, line, around, closed);
  if (hop === '0' && fault !== undefined && fault.rootAfterMs > 0) await sleep(fault.rootAfterMs);
  if (mine?.kind === '5xx') return 500;
  if (mine?.kind === 'absorbed') return 503;
  return failed ? 502 : 200;
}

/** What a fault does before the answer. */
async function fail(mine: Fault, line: LogLine, around: Surroundings, closed: Promise<void>): Promise<void> {
  if (mine.stallMs > 0) await sleep(mine.stallMs);
  if (mine.kind === 'abort') await Promise.race([closed, sleep(ABORT_WAIT_MS, undefined, { ref: false })]);
  if (mine.kind !== 'hidden') return;
  line.spans++;
  await around.withSpan('risky', () => Promise.reject(new Error('no stock left'))).catch(() => {});
}

async function callOthers(
  hop: string,
  fault: Fault | undefined,
  line: LogLine,
  around: Surroundings,
  requestId: string,
): Promise<boolean> {
  const { calls, parallel, client } = around.node;
  const one = async (name: string, at: number): Promise<boolean> => {
    const target = `${hop}.${at}`;
    const headers = { 'x-request-id': requestId, 'x-hop': target };
    const cut = fault?.kind === 'abort' && fault.hop === target;
    line.spans++;
    const called = await call(client, `${around.peers[name]}/step/${name}`, headers, cut ? ABORT_AFTER_MS : undefined);
    return judge(called, target, fault, line);
  };
  if (parallel) return (await Promise.all(calls.map(one))).includes(true);
  for (const [at, name] of calls.entries()) if (await one(name, at)) return true;
  return false;
}

/** @returns whether the caller fails too */
function judge(called: Called, target: string, fault: Fault | undefined, line: LogLine): boolean {
  if (called.status >= 200 && called.status < 500) return false;
  const onTheWay = fault !== undefined && `${fault.hop}.`.startsWith(`${target}.`);
  // Hanging up oneself is no error.
  if (onTheWay && fault.kind === 'abort' && fault.hop === target && called.status === 0) return false;
  line.ownError = true;
  // A killed process also takes along whatever else it had to do with this request.
  if (!onTheWay && fault?.kind !== 'kill') line.unexpected = `${target}: ${called.error ?? called.status}`;
  return !(onTheWay && fault.kind === 'absorbed' && fault.hop === target);
}

async function answer(
  response: ServerResponse,
  status: number,
  mine: Fault | undefined,
  line: LogLine,
  around: Surroundings,
): Promise<void> {
  if (status >= 500) line.ownError = true;
  if (mine?.kind !== 'late') {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end('done');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write('so far so good');
  await sleep(20);
  line.spans++;
  await around.withSpan('late', () => Promise.reject(new Error('the rest is lost'))).catch(() => {});
  response.end();
}
