// Answers requests, and puts a message into a queue for each. Fails before or after that when it is told to.
import { createServer } from 'node:http';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { trace } from '@opentelemetry/api';
import { mishap } from './mishap.mjs';

const sqs = new SQSClient();

const server = createServer(async (request, response) => {
  const { id, fate } = Object.fromEntries(new URL(request.url, 'http://sender').searchParams);
  const span = trace.getActiveSpan();
  span.setAttribute('app.request.id', id);
  if (fate === 'sender-before') await mishap();
  const MessageBody = JSON.stringify({ id, fate });
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SENDS_TO, MessageBody }));
  if (fate === 'sender-after') await mishap();
  response.end(span.spanContext().traceId);
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
