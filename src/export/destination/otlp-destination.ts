// An OTLP/HTTP endpoint as a destination: the official serializers in front, our transport behind.
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { createBackground } from '../background.ts';
import { createKnownAddresses } from '../exit/known-addresses.ts';
import { defaultLimits, type ExportLimits } from '../limits.ts';
import type { Destination, Outcome, RemoteTarget, Sealed, SealedBody } from './destination-contract.ts';
import { connectionFailure } from './failure-causes.ts';
import { giveBack } from './give-back.ts';
import { joinPacked } from './join-bodies.ts';
import { pack, squeeze, unpack } from './packing.ts';
import { judge } from './reply.ts';
import { createScrub } from './scrub.ts';
import { encodeSpans } from './seal.ts';
import { splitBody } from './split-body.ts';
import type { TlsFiles } from './tls-files.ts';
import { post, type Reply, type Target } from './transport.ts';

export interface OtlpDestinationOptions {
  /** Where traces are posted to, path included. */
  url: string;
  protocol: 'http/protobuf' | 'http/json';
  headers?: Record<string, string>;
  compression?: 'none' | 'gzip';
  /** Wall-clock deadline of one attempt in milliseconds, `OTEL_EXPORTER_OTLP_TIMEOUT`. */
  exportTimeoutMs: number;
  tls?: TlsFiles | undefined;
  /** Asked before each attempt: new contents when a file has changed. */
  renewTls?: (() => TlsFiles | undefined) | undefined;
  /** In place of the DNS of this machine. */
  lookup?: LookupFunction;
  userAgent?: string;
  /** Hides secrets in what the server says. Credentials in URLs and after `Bearer` always are. */
  redactText?: ((text: string) => string) | undefined;
  limits?: ExportLimits;
}

/** A joint request is large: compressing it here would hold up the app. */
const squeezeAside = (bytes: Uint8Array): Promise<Uint8Array> => promisify(gzip)(bytes, { level: 1 });

export function createOtlpDestination(options: OtlpDestinationOptions): Destination {
  const { protocol, compression = 'none', limits = defaultLimits } = options;
  const url = new URL(options.url);
  const label = url.origin + url.pathname;
  const encoding = protocol === 'http/json' ? 'json' : 'protobuf';
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const background = createBackground();
  const headers = {
    'user-agent': options.userAgent ?? 'keeptrace',
    ...lowerCaseKeys(options.headers ?? {}),
    'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
  const known = createKnownAddresses(options.lookup);
  const agentOptions = { keepAlive: true, maxSockets: limits.concurrency, maxFreeSockets: 1 };
  const agent =
    url.protocol === 'https:'
      ? new https.Agent({ ...agentOptions, minVersion: 'TLSv1.2' })
      : new http.Agent(agentOptions);
  const { connectMs } = limits;
  const target: Target = { url, agent, headers, connectMs, tls: options.tls ?? {}, lookup: known.lookup };
  const context = {
    label,
    limits,
    scrub: createScrub([...Object.values(options.headers ?? {}), ...queryValues(url)], options.redactText),
  };

  const verdict = (answer: Reply | NodeJS.ErrnoException, spanCount: number): Outcome => {
    if ('status' in answer) return judge(answer, spanCount, context);
    const failure = connectionFailure(answer, label);
    return { kind: failure.code === 'ERR_INVALID_CHAR' ? 'rejected' : 'retry', failure };
  };

  function renewTls(): void {
    const renewed = url.protocol === 'https:' ? options.renewTls?.() : undefined;
    if (!renewed) return;
    target.tls = renewed;
    // An agent never uses a connection again that was made with other certificates; those under way may end.
    for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
  }

  /** @param kept the bytes are those of a batch, and not made for this one request */
  async function sendBytes(
    bytes: Uint8Array,
    kept: boolean,
    spanCount: number,
    signal: AbortSignal,
    taken?: () => void,
  ): Promise<Outcome> {
    renewTls();
    const onHead = (head: Reply) => verdict(head, spanCount).kind === 'accepted' && taken?.();
    try {
      const answer = await background(() => post(target, bytes, options.exportTimeoutMs, signal, onHead));
      if (answer.sent && !kept) giveBack(bytes);
      return verdict(answer, spanCount);
    } catch (error) {
      return verdict(error as NodeJS.ErrnoException, spanCount);
    }
  }

  return {
    label,
    get remote(): RemoteTarget {
      const { exportTimeoutMs: timeoutMs } = options;
      return { url: url.href, headers, tls: target.tls, addresses: known.found, timeoutMs };
    },
    joins: compression === 'none',
    // It says the same in twice the bytes, and an outage is made up for by the request.
    joinBytes: limits.joinBytes * (encoding === 'json' ? 2 : 1),
    local: /^(localhost|127\..*|\[::1\])$/.test(url.hostname),
    unanswered: { code: 'unanswered', what: `${label} did not answer`, fix: 'Is the collector overloaded?' },
    seal: (spans) => {
      const { bodies, poisoned } = encodeSpans(spans, serializer.serializeRequest, limits.requestBytes);
      const sealed = bodies.map(({ bytes, spanCount }) => {
        const body = compression === 'gzip' ? squeeze(bytes) : bytes;
        return { body: { kind: 'bytes' as const, bytes: body }, size: body.byteLength, spanCount };
      });
      return { sealed, poisoned };
    },
    pack: (sealed) => pack(sealed, compression),
    wire: (body) => unpack(body, compression),
    split: ({ body }) => {
      if (body.kind !== 'bytes') return undefined;
      const { packed } = body;
      const parts = splitBody(body.bytes, encoding);
      return parts?.map(
        ({ bytes, spanCount }): Sealed => ({
          body: packed ? { kind: 'bytes', bytes, packed } : { kind: 'bytes', bytes },
          size: bytes.byteLength,
          spanCount,
        }),
      );
    },
    send: async (body, spanCount, signal, taken) => {
      const bytes = unpack(body, compression);
      if (!bytes) throw new TypeError('An OTLP destination sends what it sealed');
      return sendBytes(bytes, bytes === bytesOf(body), spanCount, signal, taken);
    },
    sendTogether: async (bodies, spanCount, signal, taken) => {
      const joint = joinPacked(bodies.map(bytesOf), encoding);
      if (compression === 'none') return sendBytes(joint, false, spanCount, signal, taken);
      const squeezed = await squeezeAside(joint);
      giveBack(joint);
      return sendBytes(squeezed, false, spanCount, signal, taken);
    },
    judge: verdict,
    close: async () => agent.destroy(),
  };
}

function lowerCaseKeys(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** As they stand in the URL, and decoded. */
function queryValues({ search, searchParams }: URL): string[] {
  const raw = search.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [...raw, ...searchParams.values()];
}

function bytesOf(body: SealedBody): Uint8Array {
  if (body.kind !== 'bytes') throw new TypeError('Only bytes can be joined');
  return body.bytes;
}
