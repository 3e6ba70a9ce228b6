// The ways in which an app comes to its end.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { setInterval } = globalThis;
const now = performance.now.bind(performance);
/** How long the app's own request takes, so that a signal finds it in flight. */
const REQUEST_MS = 300;

export const finish = {
  /** @returns the port of the app's server, or nothing */
  async prepare({ end }, { api }, { counts }) {
    if (end.kind !== 'alive') return '';
    setInterval(() => {}, 1_000).unref();
    if (!end.handler) return '';
    const server = createServer((_request, response) => {
      const span = api.trace.getTracer('emitter').startSpan('request', { root: true });
      setTimeout(() => {
        response.end('complete');
        span.end();
        counts.ended++;
      }, REQUEST_MS);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    handlers[end.handler](server);
    return server.address().port;
  },

  async end({ end, source }, sdk, reporter) {
    const scale = source?.timeScale ?? 1;
    switch (end.kind) {
      case 'shutdown': {
        await settle(sdk, end.settleS * 1_000 * scale);
        reporter.write('settled');
        writeSync(1, 'settled\n');
        const startedAt = now();
        const result = await shutdown(sdk);
        reporter.shutDown(now() - startedAt, result);
        reporter.write('shutdown');
        return;
      }
      case 'alive':
        setInterval(() => {}, 1_000);
        return;
      case 'exit':
        return process.exit(5);
      case 'throw':
        // From the loop itself, so that the stack does not tell what the loop was at.
        return void setImmediate(() => {
          throw new Error('boom');
        });
      case 'reject':
        return void setImmediate(() => Promise.reject(new Error('boom')));
    }
  },
};

async function shutdown({ tracing, official }) {
  try {
    return await (tracing ?? official)?.shutdown();
  } catch (error) {
    return { error: error.message };
  }
}

/** Until nothing waits. The official SDK cannot be asked, so it has all the time. */
async function settle({ tracing }, mostMs) {
  const until = now() + mostMs;
  const waits = () => {
    if (!tracing) return true;
    const { queued, spooled = 0 } = tracing.stats();
    return queued + spooled > 0;
  };
  while (now() < until && waits()) await sleep(20);
}

const handlers = {
  'drain-exit': (server) => process.on('SIGTERM', () => server.close(() => process.exit(0))),
  exit3: () => process.on('SIGTERM', () => process.exit(3)),
  'drain-once': (server) => process.once('SIGTERM', () => server.close(() => process.exit(0))),
  'drain-on': (server) => process.on('SIGTERM', () => server.close(() => setTimeout(() => process.exit(0), 50))),
  'drain-prepended': (server) => process.prependListener('SIGTERM', () => server.close(() => process.exit(0))),
  'drain-async': (server) =>
    process.on('SIGTERM', async () => {
      server.close();
      await once(server, 'close');
      process.exit(0);
    }),
};
