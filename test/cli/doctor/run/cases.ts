// One small app for each thing that can be wrong, and some with which nothing is.
import { type App, REQUESTS } from './apps.ts';

export interface Case extends App {
  name: string;
  /** Left to the matrix: another end of what a quick one shows. */
  slow?: true;
  /** Codes of the findings, in their order. */
  codes: string[];
  /** What the first finding says, and what it names as the origin. */
  what?: RegExp;
  from?: RegExp;
  fix?: RegExp;
}

const PLAIN = `const server = require('node:http').createServer((_, response) => response.end('ok'));`;
const IN_CODE = `require('keeptrace').initTracing({ batchDelayMs: 50 });`;
const SPAN = `require('keeptrace').withSpan('work', () => 1);`;
const fake = (name: string, version: string, text = 'module.exports = {};') => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, main: 'index.js' }),
  [`node_modules/${name}/index.js`]: text,
});

export const healthy: Case[] = [
  {
    name: 'a CommonJS server that the doctor preloads',
    packages: ['express', 'pino', '@opentelemetry/instrumentation-express'],
    files: {
      'server.cjs': `const app = require('express')(); require('pino')({ enabled: false });
        app.get('/orders/:id', (_, response) => response.json({}));
        const server = require('node:http').createServer(app); ${REQUESTS(6)}`,
    },
    codes: [],
  },
  {
    name: 'an ES module server started with --import',
    packages: ['express', 'pino', '@opentelemetry/instrumentation-express'],
    command: ['node', '--import', 'keeptrace/register', 'server.mjs'],
    files: {
      'server.mjs': `import { createServer } from 'node:http'; import express from 'express'; import pino from 'pino';
        pino({ enabled: false }); const app = express(); app.get('/orders/:id', (_, response) => response.json({}));
        const server = createServer(app); ${REQUESTS(6)}`,
    },
    codes: [],
  },
  {
    name: 'an app that starts tracing in its first line, with a worker that does the same',
    packages: ['pino'],
    files: {
      'server.cjs': `${IN_CODE} require('pino')({ enabled: false }); ${SPAN}
        new (require('node:worker_threads').Worker)('./worker.cjs');`,
      'worker.cjs': `${IN_CODE} ${SPAN}`,
    },
    codes: [],
  },
  {
    name: 'a process with children, workers and a transport, all under the preload of the doctor',
    packages: ['pino'],
    files: {
      'server.cjs': `const cluster = require('node:cluster'); const { withSpan } = require('keeptrace'); withSpan('work', () => 1);
        if (cluster.isPrimary) {
          cluster.fork(); require('node:child_process').fork('./child.cjs'); new (require('node:worker_threads').Worker)('./child.cjs');
          require('pino')({ transport: { target: 'pino/file', options: { destination: 1 } } }).info('hello');
        } else process.disconnect();`,
      'child.cjs': SPAN,
    },
    // A disconnected worker of a cluster ends by process.exit().
    env: { KEEPTRACE_EXIT_TIMEOUT_MS: '10000' },
    codes: [],
  },
  {
    name: 'an ES module server with koa and an instrumentation of its own',
    slow: true,
    packages: ['koa', 'ioredis', '@opentelemetry/instrumentation-koa', '@opentelemetry/instrumentation-ioredis'],
    command: ['node', 'server.mjs'],
    files: {
      'server.mjs': `import Koa from 'koa'; import 'ioredis'; import { createServer } from 'node:http'; const app = new Koa();
        app.use((context) => { context.body = 'ok'; }); const server = createServer(app.callback()); ${REQUESTS(2)}`,
    },
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,koa,ioredis' },
    codes: [],
  },
  {
    name: 'the preload by --require, and a library loaded later',
    slow: true,
    packages: ['pino', 'pg'],
    command: ['node', '--require', 'keeptrace/register', 'server.cjs'],
    files: { 'server.cjs': `require('pino'); setTimeout(() => { require('pg'); ${SPAN} }, 50);` },
    codes: [],
  },
];

export const broken: Case[] = [
  {
    name: 'a CommonJS app that starts tracing after its libraries',
    packages: ['pino'],
    files: { 'server.cjs': `require('pino')({ enabled: false }); ${IN_CODE} ${PLAIN} ${REQUESTS(3)}` },
    codes: ['LOADED_TOO_EARLY'],
    what: /^pino 10\S+ is not instrumented, being loaded before tracing started\.$/,
    from: /server\.cjs:1$/,
  },
  {
    name: 'an ES module that starts tracing in its body, after all imports',
    slow: true,
    packages: ['pino'],
    command: ['node', 'server.mjs'],
    files: {
      'server.mjs': `import pino from 'pino'; import { initTracing, withSpan } from 'keeptrace';
        initTracing(); pino({ enabled: false }); withSpan('work', () => 1);`,
    },
    codes: ['LOADED_TOO_EARLY'],
    what: /every import runs before the first line of code/,
  },
  {
    name: 'an ES module whose first import starts tracing, when the others are linked already',
    packages: ['pino'],
    command: ['node', 'server.mjs'],
    files: {
      'tracing.mjs': `import { initTracing } from 'keeptrace'; initTracing();`,
      'server.mjs': `import './tracing.mjs'; import pino from 'pino'; import { withSpan } from 'keeptrace';
        pino({ enabled: false }); withSpan('work', () => 1);`,
    },
    codes: ['ESM_WITHOUT_HOOK'],
    what: /^pino 10\S+ is not instrumented: imported by an ES module/,
    from: /tracing\.mjs:1$/,
  },
  {
    name: 'a library newer than its instrumentation',
    files: { ...fake('pino', '99.0.0'), 'server.cjs': `require('pino'); ${SPAN}` },
    codes: ['UNSUPPORTED_VERSION'],
    what: /^pino 99\.0\.0 is installed and not instrumented: its instrumentation is for >=5\.14\.0 <11\.$/,
  },
  {
    name: 'a newer copy of the API below a package',
    files: {
      ...fake('orders', '1.0.0', `require('@opentelemetry/api');`),
      ...fake('orders/node_modules/@opentelemetry/api', '1.11.0'),
      'server.cjs': `require('orders'); ${SPAN}`,
    },
    codes: ['API_COPIES'],
    what: /1\.10\.0 holds the globals, and spans made through 1\.11\.0 go nowhere/,
    from: /orders\/node_modules\/@opentelemetry\/api$/,
  },
  {
    name: 'another agent in the process',
    files: { ...fake('dd-trace', '5.0.0'), 'server.cjs': `require('dd-trace'); ${SPAN}` },
    codes: ['TWO_AGENTS'],
    what: /^dd-trace is loaded/,
  },
  {
    name: 'another SDK that was first',
    packages: ['@opentelemetry/sdk-node'],
    files: {
      'server.cjs': `const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK({ autoDetectResources: false }).start(); ${IN_CODE}`,
    },
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    codes: ['PROVIDER_ALREADY_SET'],
    what: /Another OpenTelemetry SDK \(.+, @opentelemetry\/api 1\.10\.0\) was started before keeptrace/,
    from: /sdk-node/,
  },
  {
    name: 'another SDK that was required by the command',
    slow: true,
    packages: ['@opentelemetry/sdk-node'],
    command: ['node', '--require', './sdk.cjs', '--import', 'keeptrace/register', 'server.cjs'],
    files: {
      'sdk.cjs': `const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK({ autoDetectResources: false }).start();`,
      'server.cjs': SPAN,
    },
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    codes: ['PROVIDER_ALREADY_SET'],
    fix: /NODE_OPTIONS="--require keeptrace\/register" node --require/,
  },
  {
    name: 'another SDK that came second',
    slow: true,
    packages: ['@opentelemetry/sdk-node'],
    files: {
      'server.cjs': `const { NodeSDK } = require('@opentelemetry/sdk-node'); new NodeSDK({ autoDetectResources: false }).start(); ${SPAN}`,
    },
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    codes: ['PROVIDER_ALREADY_SET'],
    what: /started a second OpenTelemetry SDK/,
    from: /sdk-node/,
  },
  {
    name: 'every instrumentation switched off',
    files: { 'server.cjs': SPAN },
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici,pg,aws-sdk,fastify,express,koa,pino,winston,bunyan' },
    codes: ['INSTRUMENTATION_DISABLED'],
    what: /Every instrumentation is switched off/,
  },
  {
    name: 'a worker that nobody traces',
    files: {
      'server.cjs': `${IN_CODE} ${SPAN} new (require('node:worker_threads').Worker)('./worker.cjs');`,
      'worker.cjs': 'require("node:fs");',
    },
    codes: ['WORKER'],
    what: /worker\.cjs ran in a worker thread without tracing/,
  },
  {
    name: 'a child process that the preload of the command does not reach',
    command: ['node', '--import', 'keeptrace/register', 'server.cjs'],
    files: {
      'server.cjs': `${SPAN} require('node:child_process').spawn(process.execPath, ['child.cjs', '--token=s3cret']);`,
      'child.cjs': 'require("node:fs");',
    },
    codes: ['WORKER'],
    what: /^"node child\.cjs" was started by the app as a process of its own/,
  },
  {
    name: 'a child process with an environment of its own',
    slow: true,
    files: {
      'server.cjs': `${SPAN} require('node:child_process').spawn(process.execPath, ['child.cjs'], { env: {} });`,
      'child.cjs': '',
    },
    codes: ['WORKER'],
    what: /^"node child\.cjs" was started/,
  },
  {
    name: 'callers that say "not sampled"',
    files: {
      'server.cjs': `${PLAIN} ${REQUESTS(4, `{ traceparent: '00-' + String(i).padStart(32, 'a') + '-00f067aa0ba902b7-00' }`)}`,
    },
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici' },
    codes: ['PARENT_UNSAMPLED'],
    what: /^4 of 4 requests came with/,
  },
  {
    name: 'a span that is never ended',
    files: {
      'server.cjs': `${IN_CODE} ${SPAN}
require('@opentelemetry/api').trace.getTracer('shop').startSpan('load 4711');`,
    },
    codes: ['UNENDED_SPANS'],
    what: /^1 span "load \{number\}" was not ended/,
    from: /server\.cjs:2$/,
  },
  {
    name: 'span names with ids',
    files: {
      'server.cjs': `const { withSpan } = require('keeptrace'); for (let i = 0; i < 6; i++) withSpan('load order ' + (4000 + i), () => i);`,
    },
    codes: ['NAME_CARDINALITY'],
    what: /^6 span names differ in ids only: "load order \{number\}"\./,
  },
  {
    name: 'process.exit() before the spans were sent',
    files: { 'server.cjs': `${SPAN}\nprocess.exit(4);` },
    env: { KEEPTRACE_EXIT_TIMEOUT_MS: '0' },
    codes: ['LOST_AT_EXIT'],
    what: /^1 span was lost: process\.exit\(\) was called before they were sent\.$/,
    from: /server\.cjs:2$/,
  },
  {
    name: 'a destination that throttles',
    files: { 'server.cjs': answering(429, `'retry-after': '1'`) },
    codes: ['THROTTLED'],
    what: /asks for less traffic \(429\), 1 time, the next try after \d+\.\d s\.$/,
  },
  {
    name: 'a destination with a small limit',
    slow: true,
    files: { 'server.cjs': answering(413) },
    codes: ['PAYLOAD_LIMIT'],
    what: /finds the request too large \(413\); 1 span refused for good\.$/,
  },
  {
    name: 'a destination that takes nothing',
    slow: true,
    files: { 'server.cjs': answering(401) },
    codes: ['NOT_ACCEPTED'],
    what: /does not accept the credentials/,
  },
  {
    name: 'an app in which nothing happens',
    files: { 'server.cjs': 'setTimeout(() => {}, 50);' },
    codes: ['NO_SPANS'],
    what: /nothing made a span in the time the app ran/,
  },
  {
    name: 'an app that crashes before it has done anything',
    files: { 'server.cjs': `throw new Error('no database');` },
    codes: ['NO_SPANS'],
    what: /before it ended with exit code 1\.$/,
    fix: /^Make the app start: what it printed tells why it ended/,
  },
  {
    name: 'a ratio that keeps nothing',
    slow: true,
    files: { 'server.cjs': SPAN },
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    codes: ['NOTHING_KEPT'],
    what: /^1 trace ended and none was kept: the sampler always_off keeps/,
  },
  {
    name: 'tracing that is switched off',
    slow: true,
    files: { 'server.cjs': SPAN },
    env: { OTEL_SDK_DISABLED: 'true' },
    codes: ['NO_TRACING'],
  },
  {
    name: 'a command that does not exist',
    files: {},
    command: ['./no-such-command'],
    codes: ['NOT_STARTED'],
    what: /ENOENT/,
  },
  { name: 'a command that is not Node', files: {}, command: ['true'], codes: ['NOT_STARTED'], what: /No Node process/ },
];

/** Sends a span to a stub in its own process, and ends when that has answered. */
function answering(status: number, headers = ''): string {
  return `const server = require('node:http').createServer((_, response) => {
      response.writeHead(${status}, { ${headers} }).end(); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 600);
    }).listen(0, '127.0.0.1', () => {
      const endpoint = 'http://127.0.0.1:' + server.address().port;
      const { initTracing, withSpan } = require('keeptrace');
      initTracing({ endpoint, batchDelayMs: 50, disabledInstrumentations: ['http'] }); withSpan('work', () => 1);
    });`;
}
