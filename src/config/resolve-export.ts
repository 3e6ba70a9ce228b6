// Everything about where spans go. A wrong endpoint never becomes another one: then there is none.
import { checkEndpoint, type EndpointContext } from './endpoint.ts';
import type { Picker } from './picker.ts';
import type { Origin } from './problems.ts';
import { resolveTlsFiles, type Unreadable } from './resolve-tls.ts';
import { exportRows as rows } from './rows-export.ts';
import { batchTimeoutRow } from './rows-limits.ts';
import type { Settings } from './settings.ts';

export type ExportSettings = Pick<
  Settings,
  | 'exporter'
  | 'endpoint'
  | 'protocol'
  | 'headers'
  | 'compression'
  | 'exportTimeoutMs'
  | 'insecure'
  | 'certificateFile'
  | 'clientKeyFile'
  | 'clientCertificateFile'
  | 'allowUnsafeEndpoint'
>;

const [TRACES_ENDPOINT, BASE_ENDPOINT] = rows.endpoint.env as [string, string];

export function resolveExport(picker: Picker, unreadable?: Unreadable): ExportSettings & { usable: boolean } {
  const exporter = picker.pick(rows.exporter);
  const protocol = picker.pick(rows.protocol);
  const headers = lowerCaseNames(picker.layer(rows.headers));
  const compression = picker.pick(rows.compression);
  const exportTimeoutMs = resolveTimeout(picker);
  const insecure = picker.pick(rows.insecure);
  const allowUnsafeEndpoint = picker.pick(rows.allowUnsafeEndpoint);
  const concerned = exporter === 'otlp' && picker.option('spanExporter') === undefined;
  const endpoint = resolveEndpoint(
    picker,
    { protocol, insecure, allowUnsafe: allowUnsafeEndpoint, headers: Object.keys(headers) },
    concerned,
  );
  const files = resolveTlsFiles(picker, endpoint, concerned ? unreadable : undefined);
  return {
    exporter,
    endpoint,
    protocol,
    headers,
    compression,
    exportTimeoutMs,
    insecure,
    ...files.settings,
    allowUnsafeEndpoint,
    usable: !concerned || (endpoint !== '' && files.usable),
  };
}

/** @param concerned false when nothing is sent by OTLP: what is wrong with the endpoint is then nobody's trouble. */
function resolveEndpoint(picker: Picker, rest: Omit<EndpointContext, 'origin' | 'kind'>, concerned: boolean): string {
  const given = picker.option('endpoint');
  const inCode = given === undefined ? undefined : picker.pick(rows.endpoint);
  const candidates: [string | undefined, EndpointContext['kind'], Origin][] = [
    [inCode, 'either', { kind: 'code', name: 'endpoint' }],
    [picker.env.text(TRACES_ENDPOINT), 'exact', { kind: 'env', name: TRACES_ENDPOINT }],
    [picker.env.text(BASE_ENDPOINT), 'base', { kind: 'env', name: BASE_ENDPOINT }],
  ];
  const found = candidates.find(([text]) => text !== undefined);
  if (!found) {
    picker.origins.endpoint = { kind: 'default', name: 'endpoint' };
    return rest.protocol === 'grpc' ? 'http://localhost:4317' : rows.endpoint.fallback;
  }
  const [text, kind, origin] = found;
  picker.origins.endpoint = origin;
  const { url, problem } = checkEndpoint(text!, { ...rest, origin, kind });
  if (problem && concerned) picker.problems.push(problem);
  return url;
}

/** One request is one attempt here, so the deadline of the batch and that of the request are one: the shorter counts. */
function resolveTimeout(picker: Picker): number {
  const request = picker.pick(rows.exportTimeoutMs);
  const origin = picker.origins.exportTimeoutMs!;
  if (origin.kind === 'code') return request;
  const batch = picker.pick({ ...batchTimeoutRow, option: 'batchTimeoutMs' });
  const batchOrigin = picker.origins.batchTimeoutMs!;
  delete picker.origins.batchTimeoutMs;
  if (batch < request) picker.origins.exportTimeoutMs = batchOrigin;
  return Math.min(request, batch);
}

function lowerCaseNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
