// The official instrumentations on the official SDK, with recorded spans that go nowhere. STOCK=default | off
const { context, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { TracerProvider } = require('@opentelemetry/sdk-trace');
const { BunyanInstrumentation } = require('@opentelemetry/instrumentation-bunyan');
const { PinoInstrumentation } = require('@opentelemetry/instrumentation-pino');
const { WinstonInstrumentation } = require('@opentelemetry/instrumentation-winston');

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider());
const config = process.env.STOCK === 'off' ? { disableLogSending: true } : {};
for (const Instrumentation of [BunyanInstrumentation, PinoInstrumentation, WinstonInstrumentation]) {
  new Instrumentation(config);
}
