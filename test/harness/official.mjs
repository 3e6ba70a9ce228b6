// The negative control: the official SDK at head 10 % for the same services.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

new NodeSDK({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] }).start();
// In place of the loader hook for ES modules, which would cost eight loader threads and is of use for no other module here.
createRequire(import.meta.url)('node:http');
syncBuiltinESMExports();
