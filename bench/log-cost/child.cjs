// One process of bench/log-cost.mjs: writes lines inside a span and tells what CPU time they took.
// Usage: node child.cjs <logger> <lines> [by-hand]
const { Console } = require('node:console');
const { Writable } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { trace } = require('@opentelemetry/api');

const [logger, count, mode] = process.argv.slice(2);
const lines = Number(count);
/** What the logger itself takes for three more fields, wherever they come from. */
const own = mode === 'by-hand' ? { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), trace_flags: '01' } : {};
let last = '';
const sink = new Writable({
  write(chunk, _, done) {
    last = chunk;
    done();
  },
});

const makers = {
  pino() {
    const log = require('pino')(sink);
    return (orderId) => log.info({ orderId, state: 'paid', ...own }, 'order changed');
  },
  winston() {
    const { createLogger, transports } = require('winston');
    const log = createLogger({ transports: [new transports.Stream({ stream: sink })] });
    return (orderId) => log.info('order changed', { orderId, state: 'paid', ...own });
  },
  bunyan() {
    const log = require('bunyan').createLogger({ name: 'bench', stream: sink });
    return (orderId) => log.info({ orderId, state: 'paid', ...own }, 'order changed');
  },
  console() {
    const log = new Console(sink);
    const tail = mode === 'by-hand' ? ` trace_id=${own.trace_id} span_id=${own.span_id} trace_flags=01` : '';
    return (orderId) => log.info(`order %d changed${tail}`, orderId);
  },
};
const write = makers[logger]();

function round() {
  return trace.getTracer('bench').startActiveSpan('round', async (span) => {
    const before = process.cpuUsage();
    for (let at = 0; at < lines; at++) {
      write(at);
      // A request writes a few lines and ends its turn; in one long turn winston would hold back thousands.
      if (at % 20 === 19) await nextTurn();
    }
    const { user, system } = process.cpuUsage(before);
    span.end();
    return ((user + system) * 1_000) / lines;
  });
}

process.on('message', async () => {
  global.gc();
  const ns = await round();
  process.send({ ns, ids: /trace_id/.test(String(last)) });
});
process.send('ready');
