// A viewer on a free port, spans in the shape of the receiver, and requests as an exporter, a page or a stranger makes them.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { resourceSpans } from '../../../src/cli/dev/otlp-export.ts';
import { startViewer, type Viewer, type ViewerOptions } from '../../../src/cli/dev/viewer.ts';
import { emptySpan, type ReceivedSpan } from '../../../src/receiver/received-span.ts';

export const warnings: string[] = [];

export async function testViewer(over: Partial<ViewerOptions> = {}): Promise<Viewer> {
  const start = await startViewer({
    version: '1.2.3',
    port: 0,
    exactPort: true,
    limits: { traces: 500 },
    ratio: 0.1,
    slowMs: 1000,
    warn: (sentence) => warnings.push(sentence),
    ...over,
  });
  if (start.kind !== 'started') throw new Error(`the viewer did not start: ${JSON.stringify(start)}`);
  return start.viewer;
}

/** Ends in zeros, which no ratio but 1 keeps; `f`s would be kept by any. */
export const traceIdOf = (n: number, end = '0'): string => n.toString(16).padStart(16, '0').padEnd(32, end);

export interface SpanFacts {
  trace?: string;
  id: string;
  parent?: string;
  service?: string;
  /** Milliseconds since the epoch of these tests. */
  at?: number;
  ms?: number;
  over?: Partial<ReceivedSpan>;
}

export const EPOCH = 1_700_000_000_000;
const nanos = (ms: number) => BigInt(Math.round((EPOCH + ms) * 1000)) * 1000n;
const resources = new Map<string, Record<string, unknown>>();
const scope = { name: 'test', version: '' };

export function span({
  trace = traceIdOf(1),
  id,
  parent,
  service = 'shop',
  at = 0,
  ms = 10,
  over,
}: SpanFacts): ReceivedSpan {
  const resource = resources.get(service) ?? { 'service.name': service };
  resources.set(service, resource);
  return {
    ...emptySpan(resource, scope),
    traceId: trace,
    spanId: idOf(id),
    parentSpanId: parent === undefined ? undefined : idOf(parent),
    name: id,
    kind: 'internal',
    startTimeUnixNano: nanos(at),
    endTimeUnixNano: nanos(at + ms),
    ...over,
  };
}

/** A span id for a word, such as `POST`. */
export const idOf = (word: string): string => Buffer.from(word.padEnd(8, '_').slice(0, 8), 'latin1').toString('hex');

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

/** node:http rather than fetch, which would not let a test set Host. */
export function ask(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: Uint8Array | string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const request = httpRequest(
      url.replace('localhost', '127.0.0.1'),
      { method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export async function getJson<T = Record<string, never>>(url: string): Promise<T> {
  const { status, text } = await ask(url);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${text}`);
  return JSON.parse(text);
}

export const bodyOf = (spans: ReceivedSpan[]): string => JSON.stringify({ resourceSpans: resourceSpans(spans) });

export async function send(viewer: { url: string }, spans: ReceivedSpan[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status, text } = await ask(`${viewer.url}/v1/traces`, { method: 'POST', headers, body: bodyOf(spans) });
  if (status !== 200) throw new Error(`the export was answered ${status}: ${text}`);
}

export interface Events {
  /** The next event of that name, past ones that were not asked for yet included. */
  next(name: string): Promise<Record<string, unknown>>;
  close(): void;
}

export function listen(viewer: { url: string }): Promise<Events> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${viewer.url.replace('localhost', '127.0.0.1')}/api/events`,
      { agent: false },
      (response) => {
        const waiting: { name: string; data: Record<string, unknown> }[] = [];
        const askers: (() => void)[] = [];
        let text = '';
        response.on('error', () => {});
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
            const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, at)) ?? [];
            text = text.slice(at + 2);
            waiting.push({ name: name!, data: JSON.parse(data!) });
            for (const asker of askers.splice(0)) asker();
          }
        });
        resolve({
          async next(name) {
            for (;;) {
              const at = waiting.findIndex((event) => event.name === name);
              if (at >= 0) return waiting.splice(at, 1)[0]!.data;
              await new Promise<void>((wake) => askers.push(wake));
            }
          },
          close: () => request.destroy(),
        });
      },
    );
    request.on('error', reject);
    request.end();
  });
}
