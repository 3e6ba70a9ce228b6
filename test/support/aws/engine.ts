// The SQS engine (local-aws-sqs) called in this process, with its deliveries put right.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createRequestHandler } from 'local-aws-sqs';
import { mendDeliveries } from './deliveries.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** What goes over the wire, as the JSON protocol has it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Engine {
  call(action: string, input: object): Promise<Answer>;
  /** Seconds that a receive waits when it does not say; undefined for an unknown queue. */
  waitSeconds(queueUrl: unknown): number | undefined;
  queueUrl(name: string): string;
  queueArn(name: string): string;
  close(): void;
}

/** `port` is the front's: queue URLs name it. */
export function createEngine(port: number): Engine {
  const { service, requestHandler } = createRequestHandler({
    port,
    hostname: '127.0.0.1',
    region: REGION,
    accountId: ACCOUNT,
    emulateQueueCreationLifecycle: false,
  });
  const mend = mendDeliveries();
  const queueUrl = (name: string) => `http://127.0.0.1:${port}/${ACCOUNT}/${name}`;

  return {
    queueUrl,
    queueArn: (name) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    waitSeconds: (url) =>
      service.Queues.find(({ QueueName }) => queueUrl(QueueName) === url)?.ReceiveMessageWaitTimeSeconds,
    close: () => service.resetAll(),
    async call(action, input) {
      const answer = await invoke(requestHandler, action, input);
      // Also the queues that this very call has made.
      for (const queue of service.Queues) mend(queue);
      return answer;
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** No second HTTP hop: a tracer in this process would see calls that no application made. */
async function invoke(handler: Handler, action: string, input: object): Promise<Answer> {
  const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
  });
  const answer: Answer = { status: 200, headers: {}, body: '' };
  const response = {
    set statusCode(status: number) {
      answer.status = status;
    },
    setHeader: (name: string, value: string) => {
      answer.headers[name.toLowerCase()] = value;
    },
    end: (body = '') => {
      answer.body = body;
    },
  };
  await handler(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  return answer;
}
