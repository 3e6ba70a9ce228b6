// Owns the OTLP/HTTP exchange: what is posted to the three signal paths, and the answer to whatever goes wrong.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OtlpDecodeError } from './decode-rules.ts';
import { answerProblem, encodingOf } from './otlp-answer.ts';
import { decodeTraces, type OtlpEncoding } from './otlp-decode.ts';
import type { ReceivedSpan } from './received-span.ts';
import { type BodyLimits, HttpProblem, readBody } from './request-body.ts';

export type Signal = 'traces' | 'logs' | 'metrics';

export interface Export {
  signal: Signal;
  encoding: OtlpEncoding;
  /** Size after decompression. */
  bytes: number;
  /** Empty for logs and metrics, which are not decoded. */
  spans: ReceivedSpan[];
}

const SIGNALS = new Map<string, Signal>([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

export function signalOf(path: string): Signal | undefined {
  return SIGNALS.get(path);
}

export interface ExportRules extends BodyLimits {
  /** Awaited before the decoding, which keeps the process busy. Default: it begins at once. */
  turn?: () => Promise<void>;
}

/** Reads and decodes one export. Rejects with an `HttpProblem` or an `OtlpDecodeError`. */
export async function receiveExport(
  request: IncomingMessage,
  signal: Signal,
  rules: ExportRules = {},
): Promise<Export> {
  if (request.method !== 'POST') throw new HttpProblem(405, 'only POST is accepted');
  const encoding = encodingOf(request.headers['content-type']);
  if (!encoding) throw new HttpProblem(415, 'content-type must be application/json or application/x-protobuf');
  const body = await readBody(request, rules);
  await rules.turn?.();
  const spans = signal === 'traces' ? decodeTraces(body, encoding) : [];
  return { signal, encoding, bytes: body.length, spans };
}

/** Answers in the encoding of the request, and reads on so that a client which is still sending gets to see it. */
export function answerFailure(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const status = error instanceof HttpProblem ? error.status : error instanceof OtlpDecodeError ? 400 : 500;
  if (status === 503 && !response.headersSent) response.setHeader('retry-after', '1');
  answerProblem(response, status, String((error as Error).message), encodingOf(request.headers['content-type']));
  request.resume();
}
