// receiveOtlp: what an application in a process of its own sends, for tests over the wire.

import type { ReceivedSpan } from '../receiver/received-span.ts';
import { startReceiver } from '../receiver/server.ts';

export interface ReceiveOptions {
  /** Default: a free one. */
  port?: number;
}

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT` of the application: an origin on the loopback interface. */
  readonly url: string;
  /** All that has arrived so far, in order of arrival; the same array every time. */
  readonly spans: readonly ReceivedSpan[];
  /** The spans by trace, in order of their first span to arrive. */
  traces(): ReceivedSpan[][];
  /**
   * Resolves with all spans once `condition` holds; it is asked at every arrival, never by a clock.
   * @param timeoutMs default 10,000
   * @throws {Error} after the deadline, with the names of what has arrived, and when the receiver is closed
   */
  waitFor(condition: (spans: readonly ReceivedSpan[]) => boolean, timeoutMs?: number): Promise<ReceivedSpan[]>;
  /** Forgets what has arrived. */
  clear(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a receiver for OTLP over HTTP, JSON and protobuf, compressed or not, on 127.0.0.1. Keeps the last 200,000 spans.
 *
 * @example
 * const otlp = await receiveOtlp();
 * const app = spawn('node', ['--import', 'keeptrace/register', 'server.js'], {
 *   env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
 * });
 * await otlp.waitFor((spans) => spans.some(({ name }) => name === 'GET /orders/:id'));
 * @throws when `port` is taken
 */
export async function receiveOtlp({ port = 0 }: ReceiveOptions = {}): Promise<OtlpReceiver> {
  const receiver = await startReceiver({ port });
  return {
    url: receiver.url,
    spans: receiver.spans,
    traces() {
      const traces = new Map<string, ReceivedSpan[]>();
      for (const span of receiver.spans) {
        const trace = traces.get(span.traceId);
        if (trace === undefined) traces.set(span.traceId, [span]);
        else trace.push(span);
      }
      return [...traces.values()];
    },
    // A copy: a test that looks at it later must not see what has come since.
    waitFor: async (condition, timeoutMs) => [...(await receiver.waitFor(condition, timeoutMs))],
    clear: () => receiver.clear(),
    close: () => receiver.close(),
    [Symbol.asyncDispose]: () => receiver.close(),
  };
}
