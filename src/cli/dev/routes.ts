// From a request to its answer: the exports of applications, what the page and scripts ask for, and the page itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerSuccess } from '../../receiver/otlp-answer.ts';
import { receiveExport, type Signal, signalOf } from '../../receiver/otlp-endpoint.ts';
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import { BodyBudget, HttpProblem } from '../../receiver/request-body.ts';
import type { About, ServiceMap, TraceJson, TraceSummary } from './contract.ts';
import { QueryError, readQuery } from './filter.ts';
import { refuseOtherPages, setGuardHeaders } from './guards.ts';
import { oneEachTurn } from './one-each-turn.ts';
import type { PageFile } from './page-files.ts';

export interface ViewerFace {
  /** Spans of one export; none of logs and metrics. */
  take(signal: Signal, spans: ReceivedSpan[]): void;
  about(): About;
  traces(query: ReturnType<typeof readQuery>): {
    traces: (TraceSummary & { column?: string })[];
    held: number;
    seq: number;
  };
  trace(traceId: string): TraceJson | undefined;
  /** One object of OTLP/JSON for each trace. */
  otlp(traceId?: string): Iterable<object[]>;
  map(): ServiceMap;
  /** False when there are too many listeners. */
  listen(response: ServerResponse): boolean;
  clear(): void;
}

const MIB = 1024 * 1024;
/** A file that is imported comes as it is; what is compressed may be a bomb. */
const RULES = { plain: 32 * MIB, inflated: 12 * MIB, budget: new BodyBudget(96 * MIB), turn: oneEachTurn() };

export async function route(
  request: IncomingMessage,
  response: ServerResponse,
  face: ViewerFace,
  files: ReadonlyMap<string, PageFile>,
): Promise<void> {
  setGuardHeaders(response);
  const { pathname: path, searchParams } = target(request.url);
  refuseOtherPages(request, path);

  const signal = signalOf(path);
  if (signal !== undefined) {
    const received = await receiveExport(request, signal, RULES);
    face.take(signal, received.spans);
    answerSuccess(response, received.encoding);
    return;
  }
  if (path === '/api/traces' && request.method === 'DELETE') {
    face.clear();
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new HttpProblem(405, 'only GET is answered here; spans are posted to /v1/traces');
  }
  const file = files.get(path);
  if (file !== undefined) {
    const content = await file.read();
    response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-cache' }).end(content);
    return;
  }
  await answerApi(path, searchParams, response, face);
}

async function answerApi(
  path: string,
  parameters: URLSearchParams,
  response: ServerResponse,
  face: ViewerFace,
): Promise<void> {
  if (path === '/healthz') return json(response, { name: 'keeptrace dev', version: face.about().version });
  if (path === '/api/about') return json(response, face.about());
  if (path === '/api/traces') return json(response, face.traces(query(parameters)));
  if (path === '/api/map') return json(response, face.map());
  if (path === '/api/otlp') return download(response, 'traces.json', face.otlp());
  if (path === '/api/events') {
    if (!face.listen(response)) throw new HttpProblem(503, 'too many pages are open; close one');
    return;
  }
  const [, traceId, rest] = /^\/api\/traces\/([0-9a-fA-F]{32})(\/otlp)?$/.exec(path) ?? [];
  const id = traceId?.toLowerCase();
  const found = id === undefined ? undefined : face.trace(id);
  if (id === undefined || found === undefined)
    throw new HttpProblem(404, id === undefined ? 'there is nothing here' : 'this trace is not held (any more)');
  if (rest === undefined) return json(response, found);
  return download(response, `trace-${id}.json`, face.otlp(id));
}

function target(url = '/'): URL {
  // A request for `//host/path` must stay a path.
  const path = url.replace(/^\/+/, '/');
  if (!URL.canParse(path, 'http://localhost')) throw new HttpProblem(400, 'the path cannot be read');
  return new URL(path, 'http://localhost');
}

function query(parameters: URLSearchParams): ReturnType<typeof readQuery> {
  try {
    return readQuery(parameters);
  } catch (error) {
    if (error instanceof QueryError) throw new HttpProblem(400, error.message);
    throw error;
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** Trace by trace, as fast as the reader takes it: all of them at once could be as large as the store. */
async function download(response: ServerResponse, name: string, groups: Iterable<object[]>): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${name}"`,
  });
  response.write('{"resourceSpans":[');
  let comma = '';
  for (const group of groups) {
    for (const entry of group) {
      const flowing = response.write(comma + JSON.stringify(entry));
      comma = ',\n';
      if (!flowing) await drained(response);
      if (response.destroyed) return;
    }
  }
  response.end(']}\n');
}

const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
    if (response.destroyed) go();
  });
