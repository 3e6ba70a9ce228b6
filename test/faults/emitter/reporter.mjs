// Counts what ends, watches memory, CPU and the loop, and writes the report at every moment that may be the last.
import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import net from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 100;
const { setInterval } = globalThis;
const now = performance.now.bind(performance);

export function createReporter(plan) {
  const counts = { ended: 0, errors: 0, thrown: 0, tickMs: 0 };
  const eld = monitorEventLoopDelay({ resolution: 1 });
  const series = [];
  const connects = [];
  const sockets = { open: 0, most: 0 };
  const countFd = plan.countFile ? openSync(plan.countFile, 'w') : undefined;
  const count = Buffer.alloc(8);
  let sdk;
  let initMs = 0;
  let readyAt = 0;
  let cpuAt = { user: 0, system: 0 };
  let shutdown;
  let baseRss;
  let descriptors = 0;

  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (options?.port) {
      connects.push(`${options.host ?? 'localhost'}:${options.port}`);
      sockets.most = Math.max(sockets.most, ++sockets.open);
      this.once('close', () => sockets.open--);
    }
    return connect.apply(this, args);
  };

  const sample = () => series.push([Math.round(now() - readyAt), counts.ended, rss()]);

  const write = (when) => {
    sample();
    const { user, system } = process.cpuUsage(cpuAt);
    const ms = (nanoseconds) => (Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : 0);
    const report = {
      when,
      ended: counts.ended,
      endedErrors: counts.errors,
      initMs,
      stats: sdk?.tracing?.stats(),
      series,
      cpuMs: (user + system) / 1_000,
      eld: { p50: ms(eld.percentile(50)), p99: ms(eld.percentile(99)), max: ms(eld.max) },
      tickMs: counts.tickMs,
      shutdown,
      baseRss,
      descriptors: [descriptors, openDescriptors()],
      thrown: counts.thrown,
      connects: [...new Set(connects)],
      sockets: sockets.most,
    };
    writeFileSync(plan.reportFile, JSON.stringify(report));
  };

  // A process that raises a signal against itself has no other last moment.
  const { kill } = process;
  process.kill = (pid, signal) => {
    if (pid === process.pid && signal !== 0) write('signal');
    return kill.call(process, pid, signal);
  };

  return {
    counts,
    write,
    started(started, ms) {
      sdk = started;
      initMs = ms;
      // After the SDK's own listener, which may still send.
      process.on('exit', () => {
        write('exit');
        if (countFd !== undefined) closeSync(countFd);
      });
    },
    watch() {
      readyAt = now();
      descriptors = openDescriptors();
      cpuAt = process.cpuUsage();
      eld.enable();
      sample();
      setInterval(sample, EVERY_MS).unref();
    },
    /** What is there before a piece of work is not its doing. */
    startOfWork() {
      baseRss = process.memoryUsage.rss();
    },
    /** A burst holds the loop on purpose; what comes after it is of interest. */
    resetDelay: () => eld.reset(),
    counted() {
      if (countFd === undefined) return;
      count.writeBigUInt64LE(BigInt(counts.ended));
      writeSync(countFd, count, 0, 8, 0);
    },
    shutDown(ms, result) {
      shutdown = { ms, result };
    },
  };
}

/** Reads a file, which a process without descriptors cannot. */
function rss() {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

function openDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
