// One variant of the export path: makes spans in rounds, on request, and tells what CPU they took.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const [kind, url] = process.argv.slice(2);
const TICK_MS = 10;

const processors = {
  none: () => [],
  official: () => [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  'official-gzip': () => [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url, compression: 'gzip' }) })],
  ours: () => ours('none'),
  'ours-gzip': () => ours('gzip'),
};

/** From the sources: the pipeline alone is no part of the package's surface. */
async function ours(compression) {
  const { createOtlpDestination } = await import('../../src/export/destination/otlp-destination.ts');
  const { createPipeline } = await import('../../src/export/pipeline.ts');
  const destination = createOtlpDestination({ url, protocol: 'http/protobuf', compression, exportTimeoutMs: 10_000 });
  const pipeline = createPipeline({ destination, queueSize: 2_048, batchSize: 512, batchDelayMs: 1_000 });
  process.on('exit', () => {
    const { ended, accepted } = pipeline.stats();
    if (ended !== accepted) throw new Error(`${accepted} of ${ended} spans accepted`);
  });
  return [pipeline.processor];
}

const resource = resourceFromAttributes({ 'service.name': 'bench', 'service.version': '1.0.0' });
const provider = new TracerProvider({ resource, spanProcessors: await processors[kind]() });
const tracer = provider.getTracer('bench', '1.0.0');
let made = 0;

// The loop below would end by nobody's word.
process.once('disconnect', () => process.exit());
process.send('ready');
for (;;) {
  const [{ spans, rate }] = await once(process, 'message');
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (let done = 0; done < spans; ) {
    const due = Math.min(spans, Math.ceil(((performance.now() - startedAt) * rate) / 1_000));
    for (; done < due; done++) makeSpan();
    await sleep(TICK_MS);
  }
  await provider.forceFlush();
  const { user, system } = process.cpuUsage(before);
  process.send({ cpu: user + system });
}

/** About what a server span of HTTP has. */
function makeSpan() {
  const n = made++;
  const span = tracer.startSpan('GET /orders/:id', {
    root: true,
    kind: 1,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/orders/:id',
      'url.scheme': 'http',
      'url.path': `/orders/${(n * 7_919) % 1_000_003}`,
      'server.address': 'shop.example',
      'server.port': 8080,
      'network.peer.address': `10.1.${n % 251}.${(n * 31) % 241}`,
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'http.response.status_code': n % 10 === 0 ? 404 : 200,
    },
  });
  span.end();
}
