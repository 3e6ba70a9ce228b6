// @ts-check
// Everything that is asked of the server.

/** @typedef {import('../contract.ts').About} About */
/** @typedef {import('../contract.ts').TraceJson} TraceJson */
/** @typedef {Omit<import('../contract.ts').SpanJson, 'resource'> & { resource: Record<string, unknown> }} SpanJson */
/** @typedef {import('../contract.ts').TraceSummary & { column?: string }} TraceSummary */
/** @typedef {import('../contract.ts').ServiceMap} ServiceMap */
/** @typedef {{ summary: TraceSummary, spans: SpanJson[] }} Trace */
/** @typedef {{ traces: TraceSummary[], held: number, seq: number }} TraceList */

/** @returns {Promise<About>} */
export const about = () => get('/api/about');

/** @param {string} traceId @returns {Promise<Trace | undefined>} undefined when it is not held (any more) */
export async function trace(traceId) {
  /** @type {TraceJson | undefined} */
  const told = await get(`/api/traces/${traceId}`);
  if (told === undefined) return undefined;
  const { summary, resources, spans } = told;
  return { summary, spans: spans.map((span) => ({ ...span, resource: resources[span.resource] ?? {} })) };
}

/** @param {URLSearchParams} query @param {AbortSignal} [signal] @returns {Promise<TraceList>} */
export const traces = (query, signal) => get(`/api/traces?${query}`, signal);

/** @returns {Promise<ServiceMap>} */
export const map = () => get('/api/map');

export const clear = () => fetch('/api/traces', { method: 'DELETE' });

/** @param {string} text an OTLP/JSON export request @returns {Promise<void>} */
export async function send(text) {
  const response = await fetch('/v1/traces', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  if (!response.ok) throw new Error(await messageOf(response));
}

/** @param {string} path @param {AbortSignal} [signal] */
async function get(path, signal) {
  const response = await fetch(path, signal ? { signal } : {});
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(await messageOf(response));
  return response.json();
}

/** @param {Response} response */
async function messageOf(response) {
  const text = await response.text();
  try {
    const { message, error } = JSON.parse(text);
    return String(message ?? error ?? text);
  } catch {
    return text || `the server answered ${response.status}`;
  }
}
