// One service of the harness that counts: it makes its requests itself, as spans, so that hundreds of thousands take
// seconds. Everything behind the tracer is the package as it is: sampler, buffer, triggers, weights, redaction, batches.
import { createHmac } from 'node:crypto';
import { setImmediate as yielded } from 'node:timers/promises';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type * as Keeptrace from '../../../src/index.ts';

export interface CountedOrder {
  requests: number;
  /** Of the requests; half of them in a call only, so that the request itself looks well. */
  errors: number;
  slow: number;
  slowMs: number;
  keepBudget: number | 'off';
  secret: string;
}

export type Fate = 'ok' | 'error' | 'slow';

export interface CountedAnswer {
  handled: Record<Fate, number>;
  /** Exported server spans, by the tracestate that they carry. */
  exported: Record<Fate, Record<string, number>>;
  /** Exported calls. Each request has made one. */
  calls: number;
  lost: number;
  sampling: ReturnType<ReturnType<typeof Keeptrace.initTracing>['stats']>['sampling'];
  seconds: number;
}

/** What the exporter gets to see. */
interface Exported {
  kind: SpanKind;
  attributes: Record<string, unknown>;
  spanContext(): { traceState?: { serialize(): string } };
}

// By a name that the type checker does not look up: in here it is the packed package.
const name: string = 'keeptrace';
const { initTracing } = (await import(name)) as typeof Keeptrace;

const { requests, errors, slow, slowMs, keepBudget, secret }: CountedOrder = JSON.parse(process.argv[2] ?? '');
const handled = { ok: 0, error: 0, slow: 0 };
const exported: CountedAnswer['exported'] = { ok: {}, error: {}, slow: {} };
let calls = 0;
const take = (span: Exported) => {
  if (span.kind !== SpanKind.SERVER) calls++;
  else {
    const row = exported[span.attributes['app.fate'] as Fate];
    const state = span.spanContext().traceState?.serialize() ?? '';
    row[state] = (row[state] ?? 0) + 1;
  }
};
const tracing = initTracing({
  slowMs,
  keepBudget,
  enabledInstrumentations: [],
  spanExporter: {
    export(spans: Exported[], done: (result: { code: number }) => void) {
      for (const span of spans) take(span);
      done({ code: 0 });
    },
    shutdown: async () => {},
  } as never,
});

// Everything is loaded by now; who started this waits for it, and so does what checks a mutation.
process.once('message', () => void count().then((answer) => process.send?.(answer, () => process.disconnect())));
process.send?.('ready');

async function count(): Promise<CountedAnswer> {
  const tracer = trace.getTracer('counted');
  const started = performance.now();
  const running: { root: Span; until: number }[] = [];

  const fateOf = (at: number): Fate => {
    const share = createHmac('sha256', secret).update(String(at)).digest().readUInt32BE(0) / 2 ** 32;
    return share < errors ? 'error' : share < errors + slow ? 'slow' : 'ok';
  };
  function handle(at: number): void {
    const fate = fateOf(at);
    handled[fate]++;
    const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER, attributes: { 'app.fate': fate } }, ROOT_CONTEXT);
    const inside: Context = trace.setSpan(ROOT_CONTEXT, root);
    const call = tracer.startSpan('call', { kind: SpanKind.CLIENT }, inside);
    const fails = fate === 'error';
    if (fails && at % 2 === 0) call.setStatus({ code: SpanStatusCode.ERROR });
    call.end();
    if (fails && at % 2 === 1) root.setStatus({ code: SpanStatusCode.ERROR });
    if (fate === 'slow') running.push({ root, until: performance.now() + 1.2 * slowMs });
    else root.end();
  }

  for (let at = 0; at < requests; at++) {
    handle(at);
    if (at % 200 > 0) continue;
    await yielded();
    while (running.length > 0 && running[0]!.until <= performance.now()) running.shift()?.root.end();
  }
  while (running.length > 0) {
    await yielded();
    while (running.length > 0 && running[0]!.until <= performance.now()) running.shift()?.root.end();
  }
  await tracing.flush();
  const { sampling, ended, accepted } = tracing.stats();
  const seconds = (performance.now() - started) / 1000;
  return { handled, exported, calls, lost: ended - accepted, sampling, seconds };
}
