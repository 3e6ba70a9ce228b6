// SQS, SNS and EventBridge on one loopback port, as strict as AWS where traces are concerned. For tests and the demo.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, createEngine, REGION } from './engine.ts';
import { createEventBridge } from './event-bridge.ts';
import { createSns } from './sns.ts';
import { answerSqs } from './sqs-front.ts';

export interface Aws {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  queueUrl(name: string): string;
  queueArn(name: string): string;
  /** Ends pending long polls and forgets everything. */
  close(): Promise<void>;
}

/** @param secondMs how long a second of a long poll takes, for tests of many of them */
export async function startAws(secondMs = 1000): Promise<Aws> {
  const closing = new AbortController();
  const server = createServer(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const { status, headers, body } = await answer(request, AbortSignal.any([gone.signal, closing.signal])).catch(
      (error: Error): Answer => ({ status: 500, headers: {}, body: String(error.stack) }),
    );
    if (!gone.signal.aborted) response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = createEngine(port);
  const sns = createSns(engine);
  const eventBridge = createEventBridge(engine, sns);

  async function answer(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    const text = await read(request);
    const traceHeader = request.headers['x-amzn-trace-id'];
    const [service, action = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    if (service === 'AmazonSQS') {
      return answerSqs(engine, { action, input: JSON.parse(text), traceHeader, gone, secondMs });
    }
    if (service === 'AWSEvents') return eventBridge.answer(action, JSON.parse(text), traceHeader);
    const form = String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded');
    if (form) return sns.answer(new URLSearchParams(text), traceHeader);
    return { status: 404, headers: {}, body: 'neither SQS nor SNS nor EventBridge' };
  }

  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    queueUrl: engine.queueUrl,
    queueArn: engine.queueArn,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => {
          engine.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
