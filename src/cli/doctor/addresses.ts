// Which addresses a host has, and which of them take a connection. A name server that never answers holds nothing up.
import { execFile } from 'node:child_process';
import { lookup as systemLookup } from 'node:dns/promises';
import { connect, isIP, type LookupFunction } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Address {
  address: string;
  family: number;
}

export type Lookup =
  | { kind: 'found'; addresses: Address[] }
  /** `code` as of Node: `ENOTFOUND`, `EAI_AGAIN`; `ERR_DEADLINE` when nobody answered. */
  | { kind: 'failed'; code: string };

export type LookupHost = (host: string, ms: number) => Promise<Lookup>;

const ASK = `require('node:dns').lookup(process.argv[1], { all: true }, (error, found) =>
  process.stdout.write(JSON.stringify(error ? { code: error.code } : { found })))`;

/**
 * Names are asked for in a process of its own: a thread that waits for the name server of the system cannot be called off,
 * and holds up the end of its process. @param host without brackets
 */
export async function lookupHost(host: string, ms: number): Promise<Lookup> {
  const family = isIP(host);
  if (family !== 0) return { kind: 'found', addresses: [{ address: host, family }] };
  // The one name that no name server is asked for.
  if (host === 'localhost') return systemLookup(host, { all: true }).then(found, failed);
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const options = { timeout: Math.ceil(ms), killSignal: 'SIGKILL', env } as const;
    execFile(process.execPath, ['-e', ASK, host], options, (error, stdout) => {
      if (error) return resolve(failed({ code: error.killed ? 'ERR_DEADLINE' : undefined }));
      const answer = JSON.parse(stdout) as { found?: Address[]; code?: string };
      resolve(answer.found ? found(answer.found) : failed(answer));
    });
  });
}

const found = (addresses: Address[]): Lookup => ({ kind: 'found', addresses });
const failed = ({ code = 'EAI_FAIL' }: { code?: string | undefined }): Lookup => ({ kind: 'failed', code });

/** Hands over what was found, in place of another look. */
export function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}

/** `open`, or the code of the error. */
export function tryAddress({ address }: Address, port: number, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: ms });
    const done = (outcome: string) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on('connect', () => done('open'));
    socket.on('timeout', () => done('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'UNKNOWN'));
  });
}

/** Whether TLS is spoken there, whoever shows a certificate. Nothing is sent. */
export function speaksTls(addresses: readonly Address[], port: number, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: addresses[0]?.address, port, timeout: ms, rejectUnauthorized: false });
    const done = (outcome: boolean) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on('secureConnect', () => done(true));
    socket.on('timeout', () => done(false));
    socket.on('error', () => done(false));
  });
}
