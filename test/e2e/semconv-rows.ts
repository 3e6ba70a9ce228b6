// What the conventions (1.45) want on each span of fixtures/semconv-app.mjs, in their own constants.
import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import type { ReceivedSpan } from '../../src/receiver/server.ts';

type Expected = string | number | RegExp | StringConstructor | NumberConstructor;
export interface Row {
  path: string;
  scope: string;
  kind: ReceivedSpan['kind'];
  name: string;
  status?: 'unset' | 'error';
  attributes: Record<string, Expected>;
  absent?: string[];
}

const http = '@opentelemetry/instrumentation-http';
const undici = '@opentelemetry/instrumentation-undici';
export const pg = '@opentelemetry/instrumentation-pg';
const aws = '@opentelemetry/instrumentation-aws-sdk';

const server = (path: string): Record<string, Expected> => ({
  [stable.ATTR_HTTP_REQUEST_METHOD]: 'GET',
  [stable.ATTR_URL_PATH]: path,
  [stable.ATTR_URL_SCHEME]: 'http',
  [stable.ATTR_SERVER_ADDRESS]: '127.0.0.1',
  [stable.ATTR_SERVER_PORT]: Number,
  [stable.ATTR_CLIENT_ADDRESS]: '127.0.0.1',
  [stable.ATTR_NETWORK_PEER_ADDRESS]: '127.0.0.1',
  [stable.ATTR_NETWORK_PEER_PORT]: Number,
  [stable.ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
  [stable.ATTR_USER_AGENT_ORIGINAL]: String,
});
const client = {
  [stable.ATTR_HTTP_REQUEST_METHOD]: 'GET',
  [stable.ATTR_SERVER_ADDRESS]: '127.0.0.1',
  [stable.ATTR_SERVER_PORT]: Number,
};
const answered = {
  ...client,
  [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
  [stable.ATTR_NETWORK_PEER_ADDRESS]: '127.0.0.1',
  [stable.ATTR_NETWORK_PEER_PORT]: Number,
  [stable.ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
};
const missing = { ...answered, [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 404, [stable.ATTR_ERROR_TYPE]: '404' };
const database = {
  [stable.ATTR_DB_SYSTEM_NAME]: stable.DB_SYSTEM_NAME_VALUE_POSTGRESQL,
  [stable.ATTR_DB_NAMESPACE]: 'postgres',
  [stable.ATTR_SERVER_ADDRESS]: '127.0.0.1',
  [stable.ATTR_SERVER_PORT]: Number,
};
const call = (method: string) => ({
  [stable.ATTR_RPC_SYSTEM_NAME]: 'aws-api',
  [stable.ATTR_RPC_METHOD]: method,
  [incubating.ATTR_CLOUD_REGION]: 'eu-central-1',
  [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
  [incubating.ATTR_AWS_REQUEST_ID]: 'request-1',
});

export const rows: Row[] = [
  {
    path: '/http?api_key=CANARY&page=1',
    scope: http,
    kind: 'server',
    name: 'GET /http',
    attributes: {
      ...server('/http'),
      [stable.ATTR_URL_QUERY]: 'api_key=REDACTED&page=1',
      [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
    },
    absent: [stable.ATTR_HTTP_ROUTE, stable.ATTR_ERROR_TYPE, stable.ATTR_HTTP_REQUEST_METHOD_ORIGINAL],
  },
  {
    path: '/nothing/17',
    scope: http,
    kind: 'server',
    name: 'GET',
    attributes: { ...server('/nothing/17'), [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 404 },
    absent: [stable.ATTR_ERROR_TYPE],
  },
  {
    path: '/throw',
    scope: http,
    kind: 'server',
    name: 'GET /throw',
    status: 'error',
    attributes: { ...server('/throw'), [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 500, [stable.ATTR_ERROR_TYPE]: '500' },
  },
  {
    path: '/cut',
    scope: http,
    kind: 'server',
    name: 'GET /cut',
    status: 'error',
    attributes: { ...server('/cut'), [stable.ATTR_ERROR_TYPE]: 'ERR_STREAM_PREMATURE_CLOSE' },
    absent: [stable.ATTR_HTTP_RESPONSE_STATUS_CODE],
  },
  {
    path: '/cut-later',
    scope: http,
    kind: 'server',
    name: 'GET /cut-later',
    status: 'error',
    attributes: {
      ...server('/cut-later'),
      [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
      [stable.ATTR_ERROR_TYPE]: 'ERR_STREAM_PREMATURE_CLOSE',
    },
  },
  {
    path: '/events',
    scope: http,
    kind: 'server',
    name: 'GET /events',
    attributes: { ...server('/events'), [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 200 },
    absent: [stable.ATTR_ERROR_TYPE],
  },
  {
    path: '/http',
    scope: http,
    kind: 'client',
    name: 'GET',
    attributes: { ...answered, [stable.ATTR_URL_FULL]: /\/answer\?page=2&token=REDACTED$/ },
    absent: [stable.ATTR_ERROR_TYPE, stable.ATTR_HTTP_REQUEST_METHOD_ORIGINAL],
  },
  {
    path: '/http-missing',
    scope: http,
    kind: 'client',
    name: 'GET',
    status: 'error',
    attributes: { ...missing, [stable.ATTR_URL_FULL]: /\/missing$/ },
  },
  {
    path: '/http-refused',
    scope: http,
    kind: 'client',
    name: 'GET',
    status: 'error',
    attributes: { ...client, [stable.ATTR_URL_FULL]: /^http:/, [stable.ATTR_ERROR_TYPE]: 'ECONNREFUSED' },
    absent: [stable.ATTR_HTTP_RESPONSE_STATUS_CODE],
  },
  {
    path: '/fetch',
    scope: undici,
    kind: 'client',
    name: 'GET',
    attributes: {
      ...answered,
      [stable.ATTR_URL_FULL]: /\/answer\?page=2&sig=REDACTED$/,
      [stable.ATTR_URL_SCHEME]: 'http',
    },
    absent: [stable.ATTR_ERROR_TYPE, stable.ATTR_HTTP_REQUEST_METHOD_ORIGINAL],
  },
  {
    path: '/fetch-missing',
    scope: undici,
    kind: 'client',
    name: 'GET',
    status: 'error',
    attributes: { ...missing, [stable.ATTR_URL_FULL]: /\/missing$/ },
    absent: [stable.ATTR_URL_QUERY],
  },
  {
    path: '/fetch-timeout',
    scope: undici,
    kind: 'client',
    name: 'GET',
    status: 'error',
    attributes: { ...client, [stable.ATTR_URL_FULL]: /\/never$/, [stable.ATTR_ERROR_TYPE]: 'TimeoutError' },
  },
  {
    path: '/pg',
    scope: pg,
    kind: 'client',
    name: 'SELECT orders',
    attributes: {
      ...database,
      [stable.ATTR_DB_OPERATION_NAME]: 'SELECT',
      [stable.ATTR_DB_COLLECTION_NAME]: 'orders',
      [stable.ATTR_DB_QUERY_SUMMARY]: 'SELECT orders',
      [stable.ATTR_DB_QUERY_TEXT]: 'SELECT id, note FROM orders WHERE note = ? AND id IN (?)',
    },
    absent: [stable.ATTR_ERROR_TYPE],
  },
  {
    path: '/pg-params',
    scope: pg,
    kind: 'client',
    name: 'INSERT orders',
    attributes: {
      ...database,
      [stable.ATTR_DB_OPERATION_NAME]: 'INSERT',
      [stable.ATTR_DB_COLLECTION_NAME]: 'orders',
      [stable.ATTR_DB_QUERY_SUMMARY]: 'INSERT orders',
      [stable.ATTR_DB_QUERY_TEXT]: 'INSERT INTO orders (id, note) VALUES (?)',
    },
  },
  {
    path: '/pg-error',
    scope: pg,
    kind: 'client',
    name: 'SELECT',
    status: 'error',
    attributes: {
      ...database,
      [stable.ATTR_ERROR_TYPE]: '22P02',
      [stable.ATTR_DB_RESPONSE_STATUS_CODE]: '22P02',
      [stable.ATTR_DB_QUERY_TEXT]: 'SELECT ?::int',
    },
    absent: [stable.ATTR_DB_COLLECTION_NAME],
  },
  {
    path: '/pg-duplicate',
    scope: pg,
    kind: 'client',
    name: 'INSERT orders',
    status: 'error',
    attributes: { ...database, [stable.ATTR_ERROR_TYPE]: '23505', [stable.ATTR_DB_RESPONSE_STATUS_CODE]: '23505' },
  },
  {
    path: '/dynamodb',
    scope: aws,
    kind: 'client',
    name: 'DynamoDB.GetItem',
    attributes: {
      ...call('DynamoDB/GetItem'),
      [stable.ATTR_DB_SYSTEM_NAME]: incubating.DB_SYSTEM_NAME_VALUE_AWS_DYNAMODB,
      [stable.ATTR_DB_OPERATION_NAME]: 'GetItem',
      [stable.ATTR_DB_COLLECTION_NAME]: 'orders',
    },
    absent: [stable.ATTR_DB_NAMESPACE, stable.ATTR_DB_QUERY_TEXT],
  },
  {
    path: '/dynamodb-error',
    scope: aws,
    kind: 'client',
    name: 'DynamoDB.GetItem',
    status: 'error',
    attributes: {
      ...call('DynamoDB/GetItem'),
      [stable.ATTR_HTTP_RESPONSE_STATUS_CODE]: 400,
      [stable.ATTR_ERROR_TYPE]: 'ResourceNotFoundException',
    },
  },
  {
    path: '/s3',
    scope: aws,
    kind: 'client',
    name: 'S3.GetObject',
    attributes: {
      ...call('S3/GetObject'),
      [incubating.ATTR_AWS_S3_BUCKET]: 'invoices',
      [incubating.ATTR_AWS_EXTENDED_REQUEST_ID]: 'extended-1',
    },
  },
  {
    path: '/sns',
    scope: aws,
    kind: 'producer',
    name: 'send paid',
    attributes: {
      ...call('SNS/Publish'),
      [incubating.ATTR_MESSAGING_SYSTEM_NAME]: incubating.MESSAGING_SYSTEM_NAME_VALUE_AWS_SNS,
      [incubating.ATTR_MESSAGING_OPERATION_TYPE]: incubating.MESSAGING_OPERATION_TYPE_VALUE_SEND,
      [incubating.ATTR_MESSAGING_OPERATION_NAME]: 'send',
      [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'paid',
    },
  },
  {
    path: '/sqs-send',
    scope: aws,
    kind: 'producer',
    name: 'send orders',
    attributes: {
      ...call('SQS/SendMessage'),
      [incubating.ATTR_MESSAGING_SYSTEM_NAME]: incubating.MESSAGING_SYSTEM_NAME_VALUE_AWS_SQS,
      [incubating.ATTR_MESSAGING_OPERATION_TYPE]: incubating.MESSAGING_OPERATION_TYPE_VALUE_SEND,
      [incubating.ATTR_MESSAGING_OPERATION_NAME]: 'send',
      [incubating.ATTR_MESSAGING_DESTINATION_NAME]: 'orders',
      [incubating.ATTR_MESSAGING_MESSAGE_ID]: 'message-1',
    },
  },
  {
    path: '/sqs-receive',
    scope: aws,
    kind: 'client',
    name: 'receive orders',
    attributes: {
      ...call('SQS/ReceiveMessage'),
      [incubating.ATTR_MESSAGING_OPERATION_TYPE]: incubating.MESSAGING_OPERATION_TYPE_VALUE_RECEIVE,
      [incubating.ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: 0,
    },
  },
];
