// Owns the port: both loopback addresses, the next one free when a stranger has it, none when a viewer is there already.
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What answers to a probe of the port on either address. */
export type Occupant = { kind: 'nobody' } | { kind: 'viewer'; version: string } | { kind: 'stranger' };

export type Listening =
  | { kind: 'listening'; port: number; servers: Server[]; takenBy: number | undefined }
  | { kind: 'running'; port: number; version: string }
  | { kind: 'taken'; port: number };

const ADDRESSES = ['127.0.0.1', '::1'] as const;
const NEXT_PORTS = 20;
const PROBE_MS = 500;

/**
 * @param exact a port that was asked for by number is taken or not, never replaced
 * @param create makes one server for each address
 */
export async function listenOnLoopback(port: number, exact: boolean, create: () => Server): Promise<Listening> {
  // A free port of one address may be taken on the other, so "any" is asked for more than once.
  const candidates =
    exact && port !== 0 ? [port] : Array.from({ length: NEXT_PORTS }, (_, n) => (port === 0 ? 0 : port + n));
  let takenBy: number | undefined;
  for (const candidate of candidates) {
    // Asked before listening: beside a stranger on all addresses, some systems let another one have the loopback.
    let occupant = candidate === 0 ? NOBODY : await occupantOf(candidate);
    if (occupant.kind === 'nobody') {
      const servers = await bind(candidate, create);
      if (servers !== undefined) return { kind: 'listening', port: portOf(servers[0]!), servers, takenBy };
      // Someone came first since, or does not speak HTTP.
      occupant = candidate === 0 ? NOBODY : await occupantOf(candidate);
    }
    if (occupant.kind === 'viewer') return { kind: 'running', port: candidate, version: occupant.version };
    takenBy ??= candidate;
  }
  return { kind: 'taken', port };
}

const NOBODY: Occupant = { kind: 'nobody' };

/** Undefined when the port is taken on one of the addresses; an address that this machine does not have is left out. */
async function bind(port: number, create: () => Server): Promise<Server[] | undefined> {
  const servers: Server[] = [];
  for (const host of ADDRESSES) {
    const server = create();
    try {
      await listen(server, host, servers[0] ? portOf(servers[0]) : port);
      servers.push(server);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (host === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EINVAL')) continue;
      for (const bound of servers) bound.close();
      if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
      throw error;
    }
  }
  return servers;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: host === '::1' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

export async function occupantOf(port: number): Promise<Occupant> {
  const found = await Promise.all(ADDRESSES.map((host) => ask(host, port)));
  return found.find(({ kind }) => kind === 'viewer') ?? found.find(({ kind }) => kind === 'stranger') ?? NOBODY;
}

function ask(host: string, port: number): Promise<Occupant> {
  return new Promise((resolve) => {
    const stranger = () => resolve({ kind: 'stranger' });
    const request = httpRequest({ host, port, path: '/healthz', agent: false, timeout: PROBE_MS }, (response) => {
      read(response).then((text) => resolve(whoSays(text)), stranger);
    });
    request.on('timeout', () => {
      stranger();
      request.destroy();
    });
    request.on('error', ({ code }: NodeJS.ErrnoException) => {
      const absent = code === 'ECONNREFUSED' || code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
      if (absent || code === 'ENETUNREACH' || code === 'EHOSTUNREACH') resolve(NOBODY);
      else stranger();
    });
    request.end();
  });
}

async function read(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 1000) break;
  }
  return text;
}

function whoSays(text: string): Occupant {
  try {
    const { name, version } = JSON.parse(text);
    if (name === 'keeptrace dev') return { kind: 'viewer', version: String(version) };
  } catch {
    // Not ours.
  }
  return { kind: 'stranger' };
}
