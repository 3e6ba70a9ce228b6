// Makes the spans of a plan. Names are unique: `s12`, with an error `e12`, one that cannot be encoded `p12`.
import { setTimeout as sleep } from 'node:timers/promises';
import { poisons } from './poisons.mjs';

const TICK_MS = 10;
const now = performance.now.bind(performance);

export async function work({ work: job, tag = '' }, api, reporter) {
  const tracer = api.trace.getTracer('emitter');
  const { counts } = reporter;
  const every = job.errors ? Math.round(1 / job.errors) : Number.POSITIVE_INFINITY;

  const one = () => {
    const n = counts.ended;
    const failed = n % every === every - 1;
    const span = tracer.startSpan(`${tag}${failed ? 'e' : 's'}${n}`, { root: true, attributes: attributesOf(n) });
    if (failed) span.setStatus({ code: api.SpanStatusCode.ERROR, message: 'it did not work' });
    span.end();
    counts.ended++;
    if (failed) counts.errors++;
  };
  const timed = (run) => {
    const startedAt = now();
    run();
    counts.tickMs = Math.max(counts.tickMs, now() - startedAt);
  };

  if (job.kind === 'steady') {
    const startedAt = now();
    for (;;) {
      const seconds = Math.min(job.seconds, (now() - startedAt) / 1_000);
      timed(() => {
        while (counts.ended < Math.floor(seconds * job.rate)) {
          one();
          reporter.counted();
        }
      });
      if (seconds === job.seconds) return;
      await sleep(TICK_MS);
    }
  }
  if (job.kind === 'burst') {
    reporter.startOfWork();
    timed(() => {
      for (let i = 0; i < job.spans; i++) one();
    });
    await sleep(0);
    reporter.resetDelay();
  }
  if (job.kind === 'poison') {
    timed(() => {
      const at = Math.floor(job.spans / (job.cases.length + 1));
      for (let i = 0; i < job.spans; i++) {
        if (i % at === at - 1 && i / at < job.cases.length) poisoned(job.cases[Math.floor(i / at)]);
        else one();
      }
    });
  }
  if (job.kind === 'heavy') {
    // In one piece and made beforehand, as the body of a request is: what the app needs for it is not the SDK's doing.
    const text = Buffer.alloc(job.bytes, 'long ').toString('latin1');
    reporter.startOfWork();
    reporter.resetDelay();
    for (let i = 0; i < job.spans; i++) {
      timed(() => {
        const span = tracer.startSpan(`s${counts.ended}`, { root: true, attributes: { 'request.body': text } });
        span.end();
        counts.ended++;
      });
      await sleep(TICK_MS);
    }
  }

  function poisoned(name) {
    const span = tracer.startSpan(`p${counts.ended}`, { root: true });
    try {
      poisons[name](span);
    } catch {
      counts.thrown++;
    }
    try {
      if (span.isRecording()) span.end();
    } catch {
      counts.thrown++;
    }
    counts.ended++;
  }
}

/** About what a server span of HTTP has. */
function attributesOf(n) {
  return {
    'http.request.method': 'GET',
    'http.route': '/orders/:id',
    'url.scheme': 'http',
    'url.path': `/orders/${(n * 7_919) % 1_000_003}`,
    'server.address': 'shop.example',
    'server.port': 8080,
    'network.peer.address': `10.1.${n % 251}.${(n * 31) % 241}`,
    'network.peer.port': 30_000 + ((n * 17) % 30_000),
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'http.response.status_code': n % 10 === 0 ? 404 : 200,
  };
}
