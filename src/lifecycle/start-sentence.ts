// The line at start: who is traced, how much of it, where to, and which modules take part. Pure.

export interface StartSummary {
  serviceName: string;
  serviceVersion?: string | undefined;
  environment?: string | undefined;
  sampler: string;
  /** 0…1 */
  sampleRatio: number;
  /** Errors are kept whatever the sampler says. */
  keepErrors?: boolean | undefined;
  /** Requests slower than this are, too; undefined for none. */
  slowMs?: number | undefined;
  exporter: 'otlp' | 'console' | 'none';
  endpoint: string;
  protocol: string;
  /** Set when the user brought an exporter. */
  spanExporter?: unknown;
  /** Short names. */
  instrumentations: readonly string[];
}

export function startSentence(summary: StartSummary): string {
  const { serviceName, serviceVersion, environment, instrumentations } = summary;
  const who = [serviceName, serviceVersion].filter(Boolean).join(' ') + (environment ? ` (${environment})` : '');
  const modules = instrumentations.length > 0 ? instrumentations.join(', ') : 'nothing';
  return `tracing ${who}: ${amountOf(summary)} ${whereTo(summary)}; instrumented: ${modules}`;
}

function amountOf(summary: StartSummary): string {
  const share = shareOf(summary);
  if (share.startsWith('all ')) return share;
  const { keepErrors, slowMs } = summary;
  const kept = [keepErrors && 'every error', slowMs !== undefined && `all slower than ${seconds(slowMs)}`];
  return [share, ...kept.filter(Boolean)].join(', ');
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Number((ms / 1_000).toPrecision(3))} s`;
}

function shareOf({ sampler, sampleRatio }: StartSummary): string {
  const kind = sampler.startsWith('parentbased') ? 'new traces' : 'traces';
  if (sampler.endsWith('always_off') || sampleRatio === 0) return `none of the ${kind}`;
  if (sampler.endsWith('always_on') || sampleRatio === 1) return `all ${kind}`;
  return `${Number((sampleRatio * 100).toPrecision(3))} % of ${kind}`;
}

function whereTo({ exporter, endpoint, protocol, spanExporter }: StartSummary): string {
  if (spanExporter !== undefined) return 'to the span exporter given in code';
  if (exporter === 'none') return 'recorded and propagated, none exported';
  if (exporter === 'console') return 'to the console';
  return `to ${withoutSecrets(endpoint)} (${protocol})`;
}

/** Userinfo and query may be keys. */
function withoutSecrets(endpoint: string): string {
  if (!URL.canParse(endpoint)) return 'the collector';
  const url = new URL(endpoint);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
