// A server that answers as DynamoDB, S3, SNS and SQS do, as far as the clients look; plus three plain paths.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AwsStub {
  url: string;
  close(): Promise<void>;
}

export async function startAwsStub(): Promise<AwsStub> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

let dynamoCalls = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split('?')[0];
  const target = String(request.headers['x-amz-target'] ?? '');
  response.setHeader('x-amzn-requestid', 'request-1');
  if (path === '/never') return;
  if (path === '/missing') response.writeHead(404).end();
  else if (path === '/answer') response.end('answer');
  else if (target.startsWith('DynamoDB')) {
    // The second call is the one for a table that does not exist.
    dynamoCalls += 1;
    if (dynamoCalls % 2 === 1) json(response, 200, { Item: { id: { S: 'x' } } });
    else
      json(response, 400, {
        __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
        message: 'no table',
      });
  } else if (target.endsWith('SendMessage')) json(response, 200, { MessageId: 'message-1' });
  else if (target.endsWith('ReceiveMessage')) json(response, 200, { Messages: [] });
  else if (request.method === 'POST') {
    response.setHeader('content-type', 'text/xml');
    response.end(
      '<PublishResponse><PublishResult><MessageId>message-1</MessageId></PublishResult>' +
        '<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></PublishResponse>',
    );
  } else response.setHeader('x-amz-request-id', 'request-1').setHeader('x-amz-id-2', 'extended-1').end('object');
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
