// Faults in the emitter's own process: clocks that jump, timers that are stubbed, threads that die, names not resolved.
import dns from 'node:dns';
import { createRequire, registerHooks, syncBuiltinESMExports } from 'node:module';
import workers from 'node:worker_threads';

const { setTimeout, setInterval } = globalThis;

export function breakInside({ inside, source }) {
  const scale = source?.timeScale ?? 1;
  switch (inside?.kind) {
    case 'dns':
      return badNames(inside.badForS * 1_000 * scale);
    case 'workers-die':
      return mortalWorkers(inside.everyMs);
    case 'serializer':
      return badSerializer(inside.every);
    case 'clock': {
      const { now } = Date;
      return { started: () => setTimeout(() => (Date.now = () => now() + inside.byMs), inside.afterS * 1_000 * scale) };
    }
    case 'timers':
      return { started: stubTimers };
    default:
      return { started() {} };
  }
}

/** `collector.test` does not exist for a while. */
function badNames(forMs) {
  const { lookup } = dns;
  const goodFrom = performance.now() + forMs;
  dns.lookup = (host, options, callback) => {
    if (host !== 'collector.test') return lookup(host, options, callback);
    if (performance.now() >= goodFrom) return lookup('127.0.0.1', options, callback);
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND', hostname: host });
    setTimeout(() => (callback ?? options)(error), 1);
  };
  syncBuiltinESMExports();
  return { started() {} };
}

function mortalWorkers(everyMs) {
  const { Worker } = workers;
  const alive = new Set();
  workers.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      alive.add(this);
    }
  };
  syncBuiltinESMExports();
  return {
    started: () =>
      setInterval(() => {
        for (const worker of alive) void worker.terminate();
        alive.clear();
      }, everyMs).unref(),
  };
}

/** Every so many calls the official serializer throws, whatever it is given. */
function badSerializer(every) {
  let calls = 0;
  globalThis.serializerFails = () => {
    if (++calls % every === 0) throw new Error('the serializer is broken');
  };
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!/otlp-transformer\/.*trace\/(protobuf|json)\/trace\.js$/.test(url)) return loaded;
      const source = String(loaded.source ?? createRequire(import.meta.url)('node:fs').readFileSync(new URL(url)));
      const broken = source.replaceAll(/serializeRequest: ?(\(?\w+\)?) ?=> ?\{/g, (all) => `${all} serializerFails();`);
      return { ...loaded, source: broken };
    },
  });
  return { started() {} };
}

function stubTimers() {
  const handle = { ref: () => handle, unref: () => handle, hasRef: () => false, refresh: () => handle };
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) globalThis[name] = () => handle;
  Date.now = () => 0;
}
