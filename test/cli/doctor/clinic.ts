// Servers that are ill in one way each, and a doctor that is asked about them in this process.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { lookupHost } from '../../../src/cli/doctor/addresses.ts';
import { visit } from '../../../src/cli/doctor/command.ts';
import { installed } from '../../../src/cli/doctor/installed.ts';
import type { Outcome } from '../../../src/cli/doctor/outcome.ts';
import type { World } from '../../../src/cli/doctor/world.ts';
import { readEnvironment } from '../../../src/cli/environment.ts';

const folders: string[] = [];
const servers: { close(): unknown }[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function folder(files: Record<string, unknown> = {}): string {
  const made = mkdtempSync(join(tmpdir(), 'keeptrace-doctor-'));
  folders.push(made);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(made, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return made;
}

export interface Visit {
  env?: Record<string, string>;
  packageJson?: object;
  envFiles?: string[];
  world?: Partial<World>;
}

/** A service with a name, on a Node that will do, so that only what the test adds is found. */
export function examine({ env = {}, packageJson = {}, envFiles = [], world = {} }: Visit): Promise<Outcome> {
  const cwd = world.cwd ?? folder({ 'package.json': packageJson });
  const environment = readEnvironment({ OTEL_SERVICE_NAME: 'shop', ...env }, envFiles);
  const healthy: World = {
    environment,
    cwd,
    nodeVersion: '24.21.0',
    lookupHost,
    networkMs: 2_000,
    container: undefined,
    installed,
  };
  return visit({ ...healthy, ...world }, envFiles);
}

export const codesOf = ({ findings }: Outcome): string[] => findings.map(({ code }) => code);
export const endpoint = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });

async function listen(server: net.Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

export async function serve(answer: RequestListener, host = '127.0.0.1'): Promise<{ url: string; port: number }> {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  const port = await listen(server, host);
  servers.push({ close: () => server.closeAllConnections() });
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port };
}

/** Takes every batch, as a collector does. */
export const accept: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
};

/** Says one thing to everybody. */
export function say(status: number, headers: Record<string, string> = {}, body = ''): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** A port at which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function silent(): Promise<string> {
  const sockets = new Set<net.Socket>();
  const port = await listen(net.createServer((socket) => sockets.add(socket.on('error', () => {}))));
  servers.push({ close: () => sockets.forEach((socket) => void socket.destroy()) });
  return `http://127.0.0.1:${port}`;
}

export async function serveRaw(greet: (socket: net.Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listen(net.createServer((socket) => greet(socket.on('error', () => {}))))}`;
}

/** Accepts, or gives the status asked for, as gRPC servers do. */
export async function serveGrpc(
  status: number | 'none' = 0,
  message = '',
  seen: (headers: http2.IncomingHttpHeaders) => void = () => {},
): Promise<string> {
  const server = http2.createServer();
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  server.on('stream', (stream, headers) => {
    seen(headers);
    stream.resume().on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const trailers = status === 'none' ? {} : { 'grpc-status': String(status), 'grpc-message': message };
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
  const port = await listen(server);
  servers.push({ close: () => sessions.forEach((session) => void session.destroy()) });
  return `http://127.0.0.1:${port}`;
}

let certificate: { key: string; cert: string; file: string } | undefined;

/** For 127.0.0.1, signed by itself. */
export function selfSigned() {
  if (certificate) return certificate;
  const cwd = folder();
  const args =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout server.key -out server.pem -subj /CN=server -addext subjectAltName=IP:127.0.0.1';
  execFileSync('openssl', args.split(' '), { cwd, stdio: 'pipe' });
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
  certificate = { key: read('server.key'), cert: read('server.pem'), file: join(cwd, 'server.pem') };
  return certificate;
}

export async function serveGrpcTls(): Promise<string> {
  const server = http2.createSecureServer(selfSigned());
  server.on('sessionError', () => {}).on('tlsClientError', () => {});
  return `https://127.0.0.1:${await listen(server)}`;
}

export async function serveTls(answer: RequestListener = accept): Promise<string> {
  const server = https.createServer(selfSigned(), (request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  servers.push({ close: () => server.closeAllConnections() });
  return `https://127.0.0.1:${port}`;
}
