// Faults in the emitter's own process: clocks that jump, timers that are stubbed, threads that die, names not resolved.
import dns from 'node:dns';
import { closeSync, openSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import workers from 'node:worker_threads';

const { setTimeout, setInterval } = globalThis;

export async function breakInside({ inside, source, from }) {
  const scale = source?.timeScale ?? 1;
  switch (inside?.kind) {
    case 'dns':
      return badNames(inside.badForS * 1_000 * scale);
    case 'workers-die':
      return mortalWorkers(inside.everyMs);
    case 'serializer':
      return badSerializer(inside.every, from);
    case 'clock': {
      const { now } = Date;
      return { started: () => setTimeout(() => (Date.now = () => now() + inside.byMs), inside.afterS * 1_000 * scale) };
    }
    case 'descriptors':
      return { started: () => takeDescriptors(inside.forMs) };
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

/** Every so many calls the official serializers throw, whatever they are given. Both builds: ours may load either. */
async function badSerializer(every, from) {
  const builds = [
    createRequire(from)('@opentelemetry/otlp-transformer'),
    await import('@opentelemetry/otlp-transformer'),
  ];
  let calls = 0;
  for (const { ProtobufTraceSerializer, JsonTraceSerializer } of builds) {
    for (const serializer of [ProtobufTraceSerializer, JsonTraceSerializer]) {
      const { serializeRequest } = serializer;
      serializer.serializeRequest = (spans) => {
        if (++calls % every === 0) throw new Error('the serializer is broken');
        return serializeRequest(spans);
      };
    }
  }
  return { started() {} };
}

function stubTimers() {
  const handle = { ref: () => handle, unref: () => handle, hasRef: () => false, refresh: () => handle };
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) globalThis[name] = () => handle;
  Date.now = () => 0;
}

function takeDescriptors(forMs) {
  const taken = [];
  const take = () => {
    try {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    } catch {
      // None is left, which is what was wanted.
    }
  };
  // One that is given back meanwhile is taken, too.
  const timer = setInterval(take, 20);
  setTimeout(() => {
    clearInterval(timer);
    for (const descriptor of taken) closeSync(descriptor);
  }, forMs);
}
