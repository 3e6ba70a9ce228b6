// What the pipeline needs to know of a place that spans can be sent to.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Reply } from './transport.ts';

/** Why an attempt failed, in words for the user. Holds no secret. */
export interface Failure {
  /** Stable key, e.g. `ECONNREFUSED`, `http_401`, `timeout`. */
  code: string;
  /** A clause: what happened, and where. */
  what: string;
  /** A sentence: what to do about it. */
  fix: string;
}

export type Outcome =
  /** The destination has the batch. `rejected` of its spans were refused (OTLP partial success). */
  | { kind: 'accepted'; rejected: number; failure?: Failure }
  /** Worth another attempt; `retryAfterMs` is what the server asked for. */
  | { kind: 'retry'; failure: Failure; retryAfterMs?: number }
  /** Final: the destination does not want this batch. */
  | { kind: 'rejected'; failure: Failure };

/**
 * A request body ready to be sent or spooled, or the spans themselves for a foreign exporter. `packed` bytes are gzip'd for
 * the time they wait, whatever goes over the wire.
 */
export type SealedBody = { kind: 'bytes'; bytes: Uint8Array; packed?: true } | { kind: 'spans'; spans: ReadableSpan[] };

export interface Sealed {
  body: SealedBody;
  /** Memory it holds, in bytes: exact for `bytes`, estimated for `spans`. */
  size: number;
  spanCount: number;
}

/** `kept`: the trace has a reason of its own to be here (error, slow, a word from elsewhere); `rest` goes first when memory is short. */
export type Lane = 'kept' | 'rest';

/** Where a thread that knows nothing of the rest can post bodies to. */
export interface RemoteTarget {
  url: string;
  headers: Record<string, string>;
  tls?: { ca?: Buffer; key?: Buffer; cert?: Buffer };
  /** What the host name last resolved to in this process, so that it need not be looked up once more. */
  addresses?: { address: string; family: number }[];
  /** Wall-clock deadline of one attempt, in milliseconds. */
  timeoutMs: number;
}

export interface SealResult {
  sealed: Sealed[];
  /** Spans that the serializer cannot encode. */
  poisoned: number;
}

export interface Destination {
  /** For messages: no credentials, no query. */
  readonly label: string;
  /** What to say of an attempt that was called off while it still waited for an answer. */
  readonly unanswered: Failure;
  /** Attempts at a time it can take; default `ExportLimits.concurrency`. */
  readonly concurrency?: number;
  /** On this machine: a refused connection then means that nobody is there, and not that somebody is restarting. */
  readonly local?: boolean;
  /** Joining bodies that are not packed costs it next to nothing, so that small ones share a request whenever they can. */
  readonly joins?: boolean;
  /** Most uncompressed bytes of a request that joins what piled up in an outage; the general limit by default. */
  readonly joinBytes?: number;
  /** Spans are not for export at all (`OTEL_TRACES_EXPORTER=none`) and are not counted. */
  readonly discards?: boolean;
  /** For the last attempt of a process that is ending. None for foreign exporters. */
  readonly remote?: RemoteTarget;
  /** Never throws. */
  seal(spans: ReadableSpan[]): SealResult;
  /** Makes a body small for a long wait; the same one if it is. Never throws. */
  pack?(sealed: Sealed): Sealed;
  /** The bytes of a body as `send` puts them on the wire. Never throws. */
  wire?(body: SealedBody): Uint8Array | undefined;
  /** Halves a body by its spans; undefined when it holds one, or cannot be taken apart. Never throws. */
  split?(sealed: Sealed): Sealed[] | undefined;
  /** What an answer means that somebody else got who sent a body of so many spans to `remote`. Never throws. */
  judge?(answer: Reply | NodeJS.ErrnoException, spanCount: number): Outcome;
  /** One request for several bodies, judged as one; otherwise like `send`. */
  sendTogether?(bodies: SealedBody[], spanCount: number, signal: AbortSignal, taken?: () => void): Promise<Outcome>;
  /**
   * Never rejects and settles within about its own deadline; `signal` ends the attempt early. `taken` is called as soon as
   * it is certain that the outcome will be `accepted`, which may be long before it is known in full.
   */
  send(body: SealedBody, spanCount: number, signal: AbortSignal, taken?: () => void): Promise<Outcome>;
  /** Frees sockets and the like. Never rejects. */
  close(timeoutMs: number): Promise<void>;
}
