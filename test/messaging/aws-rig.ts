// Real AWS clients, traced as keeptrace traces them, against a strict SQS and stubs of the others; all that goes over the
// wire is kept to be looked at.
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { context, propagation, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createRequestHandler } from 'local-aws-sqs';
import type { SendOptions } from '../../src/messaging/aws-call.ts';
import { createAwsInstrumentation } from '../../src/provider/aws-shield.ts';
import { createPropagator } from '../../src/provider/propagation.ts';
import { cutDeadlineAtQueues } from '../../src/sampling/slow-deadline.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  sampler: new AlwaysOnSampler(),
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(cutDeadlineAtQueues(createPropagator(['tracecontext', 'baggage'])));

/** Before the clients are loaded, which the test file does with `load`. */
export function instrument(options?: SendOptions): AwsInstrumentation {
  const instrumentation = createAwsInstrumentation(options);
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  return instrumentation;
}
export const load = createRequire(import.meta.url);

/** The spans that ended since the last call. */
export function takeSpans(): ReadableSpan[] {
  const spans = [...exporter.getFinishedSpans()];
  exporter.reset();
  return spans;
}

/** Runs `run` in a span of the app. */
export function inSpan<T>(run: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('app').startActiveSpan('app', async (span) => {
    try {
      return await run(span);
    } finally {
      span.end();
    }
  });
}

export interface Wire {
  action: string;
  headers: IncomingHttpHeaders;
  path: string;
  /** JSON as parsed; the form of SNS as an object of its fields. */
  body: Record<string, never>;
}

export interface AwsRig {
  config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  wire: Wire[];
  /** Answers with 503 as many times. */
  failNext(times: number): void;
  /** What a stubbed action answers, by its name. */
  answers: Record<string, object | string>;
  close(): Promise<void>;
}

export async function startAwsRig(): Promise<AwsRig> {
  const wire: Wire[] = [];
  const answers: AwsRig['answers'] = {};
  let failing = 0;
  const listen = async (server: ReturnType<typeof createServer>) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const front = createServer((incoming, response) => void answer(incoming, response));
  const port = await listen(front);
  const { requestHandler } = createRequestHandler({
    port,
    hostname: '127.0.0.1',
    region: 'eu-central-1',
    emulateQueueCreationLifecycle: false,
  });
  const engine = createServer(requestHandler);
  const enginePort = await listen(engine);
  const agent = new Agent({ keepAlive: true });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const form = incoming.headers['content-type']?.includes('form-urlencoded') === true;
    const body = form ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text || '{}');
    const action = target.split('.')[1] ?? body.Action ?? 'Invoke';
    wire.push({ action, headers: incoming.headers, path: incoming.url ?? '', body });
    if (failing > 0) {
      failing -= 1;
      response.writeHead(503, { 'content-type': 'application/x-amz-json-1.0' }).end('{"__type":"ServiceUnavailable"}');
    } else if (target.startsWith('AmazonSQS')) {
      const { host: _, ...headers } = incoming.headers;
      const forwarded = request(
        { port: enginePort, host: '127.0.0.1', method: 'POST', path: '/', headers, agent },
        (back) => {
          response.writeHead(back.statusCode ?? 500, back.headers);
          back.pipe(response);
        },
      );
      forwarded.end(text);
    } else {
      const given = answers[action] ?? {};
      response.setHeader('content-type', form ? 'text/xml' : 'application/x-amz-json-1.0');
      response.end(
        form
          ? `<${action}Response><${action}Result>${given}</${action}Result></${action}Response>`
          : JSON.stringify(given),
      );
    }
  }

  return {
    config: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    },
    wire,
    answers,
    failNext: (times) => {
      failing = times;
    },
    close: async () => {
      agent.destroy();
      for (const server of [front, engine]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
