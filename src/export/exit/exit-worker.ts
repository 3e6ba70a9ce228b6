// The program of the thread that sends while the process ends. It is text and knows nothing but Node, so that it runs the same
// from ES modules, from CommonJS, out of a bundle and under a TypeScript loader: there is no file to be found.
import type { MessagePort } from 'node:worker_threads';
import type { Reply } from '../destination/transport.ts';

/** Structured-cloned to the thread. */
export interface ExitWorkerData {
  url: string;
  headers: Record<string, string>;
  tls: { ca?: Uint8Array; key?: Uint8Array; cert?: Uint8Array };
  /** What the host name has resolved to in this process; empty if it never did. */
  addresses: { address: string; family: number }[];
  /** Int32 [0]: jobs of this round done with. All of them at once when it makes no sense to go on. */
  done: SharedArrayBuffer;
  /** Takes the bodies of a round, which begins when the one before it is done with. */
  port: MessagePort;
}

/** One for each job that was answered or failed; before it one with the status line alone. */
export type ExitWorkerMessage = { job: number } & (
  | (Omit<Reply, 'body'> & { body: Uint8Array })
  | { code: string; message: string }
);

/**
 * Names are resolved by `Resolver`, not by `dns.lookup`: that one sits in getaddrinfo, which nothing can interrupt, and Node
 * waits for it when the process ends; a dead name server would hold the exit for ten seconds after the deadline.
 */
const names = String.raw`
const linesOf = (file) => {
  try {
    return require('node:fs').readFileSync(file, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  } catch {
    return [];
  }
};

function inHostsFile(host) {
  const root = process.platform === 'win32' ? process.env.SystemRoot + '/System32/drivers' : '';
  const found = linesOf(root + '/etc/hosts').filter(([, ...names]) => names.some((name) => name.toLowerCase() === host));
  if (found.length === 0 && host === 'localhost') return ['127.0.0.1', '::1'];
  return found.map(([address]) => address);
}

function candidates(host) {
  if (host.endsWith('.')) return [host];
  const lines = linesOf('/etc/resolv.conf');
  const search = lines.findLast(([key]) => key === 'search' || key === 'domain')?.slice(1) ?? [];
  const ndots = Number(/ndots:(\d+)/.exec(lines.filter(([key]) => key === 'options').join())?.[1] ?? 1);
  const longer = search.map((domain) => host + '.' + domain);
  return host.split('.').length > ndots ? [host, ...longer] : [...longer, host];
}

async function byServers(host) {
  const { Resolver } = require('node:dns').promises;
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  let failure;
  for (const name of candidates(host)) {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap(({ value }) => value ?? []);
    if (found.length > 0) return found;
    failure ??= answers[0].reason;
  }
  throw failure;
}

let known = addresses.length > 0 ? Promise.resolve(addresses) : undefined;
async function resolve(host) {
  const local = inHostsFile(host);
  const found = local.length > 0 ? local : await byServers(host);
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}
function lookup(host, options, callback) {
  known ??= resolve(host.toLowerCase());
  known.then(
    (found) => (options.all ? callback(null, found) : callback(null, found[0].address, found[0].family)),
    (error) => callback(error),
  );
}
`;

const sending = `
const secure = new URL(url).protocol === 'https:';
const { Agent, request } = require(secure ? 'node:https' : 'node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 2, ...(secure ? { ...tls, minVersion: 'TLSv1.2' } : {}) });
const REPLY_BYTES = 65_536;
/** The verdict is in the status line; a body that drips must not use up what time there is. */
const REPLY_BODY_MS = 100;
let bodies = [];
let next = 0;
let underWay = 0;

function send(job, again = false) {
  const bytes = bodies[job];
  const options = { method: 'POST', agent, lookup, headers: { ...headers, 'content-length': bytes.length } };
  const sent = request(url, options);
  let answered = false;
  const settle = (message, goesOn) => {
    if (answered) return;
    answered = true;
    conclude({ job, ...message }, goesOn);
  };
  sent.on('response', (response) => {
    const chunks = [];
    let size = 0;
    const { statusCode: status = 0, headers: got } = response;
    const contentType = (got['content-type'] ?? '').toLowerCase();
    const head = { status, retryAfter: got['retry-after'], location: got.location, contentType, body: new Uint8Array() };
    // In case the body still drips at the deadline.
    port.postMessage({ job, ...head });
    const finish = () => {
      const plain = /^(identity)?$/i.test(got['content-encoding'] ?? '');
      const verdict = { ...head, body: new Uint8Array(plain ? Buffer.concat(chunks) : 0) };
      // A batch that is refused says nothing of the others; a server that is busy, elsewhere or locked does.
      settle(verdict, (status >= 200 && status < 300) || status === 400 || status === 413 || status === 500);
    };
    setTimeout(finish, REPLY_BODY_MS);
    response.on('data', (chunk) => {
      const piece = chunk.subarray(0, REPLY_BYTES - size);
      chunks.push(piece);
      size += piece.length;
      if (size === REPLY_BYTES) {
        finish();
        sent.destroy();
      }
    });
    response.on('end', finish);
    response.on('error', finish);
    response.on('close', finish);
  });
  sent.on('error', (error) => {
    if (answered) return;
    // The server closed a connection that had been kept alive just as we wrote: nothing has been processed.
    if (sent.reusedSocket && !again && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
      answered = true;
      send(job, true);
      return;
    }
    const { code = error.errors?.[0]?.code ?? 'UNKNOWN', message } = error;
    settle({ code: String(code), message: String(message) }, false);
  });
  sent.end(bytes);
}

function conclude(message, goesOn) {
  port.postMessage(message);
  underWay--;
  if (!goesOn) next = bodies.length;
  sendMore();
  // Once all is counted the other thread may begin a new round: one step, and nothing written after it.
  if (underWay === 0) Atomics.store(counter, 0, bodies.length);
  else Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
}

function sendMore() {
  while (underWay < 2 && next < bodies.length) {
    underWay++;
    send(next++);
  }
}
port.on('message', (round) => {
  bodies = round;
  next = 0;
  try {
    sendMore();
  } catch (error) {
    giveUp(error);
  }
});
`;

export const exitWorkerProgram = `'use strict';
const { url, headers, tls, addresses, done, port } = require('node:worker_threads').workerData;
const counter = new Int32Array(done);
function giveUp(error) {
  port.postMessage({ job: 0, code: String(error.code ?? error.name), message: String(error.message) });
  Atomics.store(counter, 0, 2 ** 31 - 1);
  Atomics.notify(counter, 0);
}
try {
${names}${sending}
} catch (error) {
  giveUp(error);
}
`;
