// The official SDK with the same four instrumentations, traces only; everything else comes from the environment.
const { AwsInstrumentation } = require('@opentelemetry/instrumentation-aws-sdk');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { NodeSDK } = require('@opentelemetry/sdk-node');

const instrumentations = [
  new HttpInstrumentation(),
  new UndiciInstrumentation(),
  new PgInstrumentation(),
  new AwsInstrumentation(),
];
new NodeSDK({ instrumentations }).start();
