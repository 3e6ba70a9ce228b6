// A collector that judges each request by what is in it, with the books of the fault collector.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '../../src/receiver/otlp-decode.ts';
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import type { FaultCollector } from '../faults/fault-collector.ts';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Choosy extends FaultCollector {
  /** The status of each request, and how many spans were in it. */
  answers: { status: number; spanCount: number; bytes: number; at: number; authorization: string | undefined }[];
  /** May be changed at any time. */
  judge: (spans: ReceivedSpan[], bytes: number) => Answer | number;
}

export async function startChoosyCollector(judge: Choosy['judge'] = () => 200): Promise<Choosy> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const raw = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const json = request.headers['content-type'] === 'application/json';
    const spans = decodeTraces(raw, json ? 'json' : 'protobuf');
    const at = performance.now();
    const { method = '', url = '', headers } = request;
    collector.requests.push({ at, method, url, headers, spans, bytes: raw.length });
    const judged = collector.judge(spans, raw.length);
    const answer = typeof judged === 'number' ? { status: judged } : judged;
    const { status } = answer;
    collector.answers.push({
      status,
      spanCount: spans.length,
      bytes: raw.length,
      at,
      authorization: headers.authorization,
    });
    if (status === 200) {
      for (const { name } of spans) collector.acked.set(name, (collector.acked.get(name) ?? 0) + 1);
    }
    response.writeHead(status, { 'content-type': 'text/plain', ...answer.headers }).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const collector: Choosy = {
    judge,
    answers: [],
    url: `${origin}/v1/traces`,
    origin,
    fault: { kind: 'ok' },
    requests: [],
    acked: new Map(),
    refused: 0,
    undecodable: 0,
    sockets: { open: 0, most: 0 },
    bodyBytesWritten: 0,
    until: async (condition, timeoutMs = 10_000) => {
      const deadline = performance.now() + timeoutMs;
      while (!condition()) {
        if (performance.now() > deadline) throw new Error(`not reached in ${timeoutMs} ms: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    down: close,
    up: async () => {},
    close,
  };
  return collector;
}
