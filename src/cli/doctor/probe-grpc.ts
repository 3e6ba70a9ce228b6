// Asks an OTLP/gRPC endpoint to take a batch without spans, over bare HTTP/2, so that no package has to be installed.
import http2 from 'node:http2';
import { type Answer, deadlineError, EMPTY_BATCH, type ProbeResult, type ProbeTarget } from './probe.ts';

const METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** Never rejects, and settles by the deadline. */
export function probeGrpc(target: ProbeTarget): Promise<ProbeResult> {
  const startedAt = performance.now();
  const ms = () => performance.now() - startedAt;
  return new Promise((resolve) => {
    const secure = target.url.protocol === 'https:';
    const session = http2.connect(target.url.origin, {
      ...target.tls,
      ...(secure && { minVersion: 'TLSv1.2' as const }),
      ...(target.lookup && { lookup: target.lookup }),
    });
    const done = (result: ProbeResult) => {
      clearTimeout(deadline);
      resolve(result);
      session.destroy();
    };
    const fail = (error: NodeJS.ErrnoException) => done({ kind: 'none', error, ms: ms() });
    const deadline = setTimeout(() => fail(deadlineError()), target.deadlineMs);
    session.on('error', fail);
    session.on('close', () => fail(Object.assign(new Error('Closed without an answer'), { code: 'ECONNRESET' })));

    const stream = begin(session, target.headers);
    if (stream instanceof Error) return fail(stream);
    let answer: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    stream.on('response', (headers) => {
      answer = headers;
    });
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    // A connection that could not be made cancels the stream, and is the cause of that.
    stream.on('error', (error) => fail((error.cause as Error | undefined) ?? error));
    stream.on('close', () => {
      const status = Number(answer[':status'] ?? 0);
      if (status === 0) return;
      // An error may come without a body, and then in the headers themselves.
      const code = trailers['grpc-status'] ?? answer['grpc-status'];
      const message = trailers['grpc-message'] ?? answer['grpc-message'];
      done({
        kind: 'answer',
        status,
        contentType: String(answer['content-type'] ?? '').toLowerCase(),
        location: undefined,
        date: answer.date,
        body: '',
        ...grpcVerdict(status, code, message),
        ms: ms(),
        at: Date.now(),
      });
    });
    stream.resume();
    // "gRPC over HTTP2", Length-Prefixed-Message: a byte for compression, four for the length, the message.
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, EMPTY_BATCH.length]), EMPTY_BATCH]));
  });
}

/** Any server that speaks HTTP/2 may say 200; one of gRPC says how it went. Status 2 is UNKNOWN. */
function grpcVerdict(status: number, code: unknown, message: unknown): Pick<Answer, 'grpc'> {
  if (code !== undefined) return { grpc: { status: Number(code), message: String(message ?? '') } };
  return status === 200 ? { grpc: { status: 2, message: 'it answers without one' } } : {};
}

/** A header that HTTP/2 does not know, such as `upgrade`, makes Node throw. */
function begin(session: http2.ClientHttp2Session, headers: ProbeTarget['headers']): http2.ClientHttp2Stream | Error {
  try {
    return session.request({
      'user-agent': `keeptrace/${__VERSION__}`,
      ...headers,
      ':method': 'POST',
      ':path': METHOD,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
  } catch (error) {
    return error as Error;
  }
}
