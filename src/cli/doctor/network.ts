// Gathers what the network says about the endpoint. All questions are asked at once, and all have one deadline.

import type { Settings } from '../../config/settings.ts';
import { readTlsFiles } from '../../export/destination/tls-files.ts';
import { type Address, answerWith, type Lookup, type LookupHost, speaksTls, tryAddress } from './addresses.ts';
import { deadlineError, type ProbeResult, type ProbeTarget } from './probe.ts';
import { probeGrpc } from './probe-grpc.ts';
import { probeHttp } from './probe-http.ts';

/** Milliseconds for everything that is asked of the network. */
export const NETWORK_MS = 2_000;

export interface NetworkFacts {
  lookup: Lookup;
  /** Sent as keeptrace sends. */
  probe: ProbeResult;
  /** Without compression; only where keeptrace compresses. */
  plain?: ProbeResult | undefined;
  /** Each address by itself, and for a loopback address the one of the other family: `open`, or the code of the error. */
  each: (Address & { outcome: string; named: boolean })[];
  /** TLS is spoken on a port to which plain http was sent without an answer. */
  tlsThere?: boolean;
}

export type Endpoint = Pick<
  Settings,
  'endpoint' | 'protocol' | 'headers' | 'compression' | 'certificateFile' | 'clientKeyFile' | 'clientCertificateFile'
>;

export async function askNetwork(
  settings: Endpoint,
  lookupHost: LookupHost,
  deadlineMs = NETWORK_MS,
): Promise<NetworkFacts> {
  const endsAt = performance.now() + deadlineMs;
  const left = () => Math.max(1, endsAt - performance.now());
  const url = new URL(settings.endpoint);
  const lookup = await lookupHost(url.hostname.replace(/^\[(.*)\]$/, '$1'), left());
  if (lookup.kind === 'failed') {
    const error = lookup.code === 'ERR_DEADLINE' ? deadlineError() : new Error('The host name does not resolve');
    return { lookup, probe: { kind: 'none', error: Object.assign(error, { code: lookup.code }), ms: 0 }, each: [] };
  }
  const { addresses } = lookup;
  const target: ProbeTarget = {
    url,
    headers: settings.headers,
    tls: readTlsFiles(settings),
    lookup: answerWith(addresses),
    deadlineMs: left(),
  };
  const { protocol, compression } = settings;
  const [probe, plain, each] = await Promise.all([
    protocol === 'grpc' ? probeGrpc(target) : probeHttp(target, { protocol, compression }),
    protocol === 'grpc' || compression === 'none' ? undefined : probeHttp(target, { protocol, compression: 'none' }),
    tryEach(addresses, portOf(url), left()),
  ]);
  const mayBeTls = probe.kind === 'none' && url.protocol === 'http:' && /^(ECONNRESET|EPIPE|HPE_)/.test(codeOf(probe));
  return {
    lookup,
    probe,
    plain,
    each,
    ...(mayBeTls && { tlsThere: await speaksTls(addresses, portOf(url), Math.min(500, left())) }),
  };
}

function tryEach(named: readonly Address[], port: number, ms: number): Promise<NetworkFacts['each']> {
  const others = LOOPBACK.filter(({ address }) => !named.some((one) => one.address === address));
  const local = named.some(({ address }) => address === '::1' || address.startsWith('127.'));
  const asked = [
    ...named.map((one) => ({ ...one, named: true })),
    ...(local ? others.map((one) => ({ ...one, named: false })) : []),
  ];
  return Promise.all(asked.map(async (one) => ({ ...one, outcome: await tryAddress(one, port, ms) })));
}

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

const codeOf = (probe: ProbeResult): string => (probe.kind === 'none' ? (probe.error.code ?? '') : '');
