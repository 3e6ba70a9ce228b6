// Owns how instrumentation-http is configured: which requests make no span, what a server span is called, and what
// counts as a failed response.
import { ClientRequest, type IncomingMessage, ServerResponse } from 'node:http';
import { diag, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { Settings } from '../config/settings.ts';
import { secretQueryNames } from '../span/redact-names.ts';
import { createRouteNames, methodName, pathOf } from '../span/route-name.ts';
import { isEventStream } from './event-stream.ts';
import { clientLeft, watchEnd } from './exchange-end.ts';
import { expressRoute } from './framework-express.ts';
import type { KeepHooks } from './keep-hooks.ts';
import { attributesOf, removeAttribute } from './span-attributes.ts';

export type HttpSettings = Pick<Settings, 'ignorePaths' | 'redact' | 'redactKeys'>;

export function httpOpinions(settings: HttpSettings, keep?: KeepHooks): HttpInstrumentationConfig {
  const ignored = pathMatcher(settings.ignorePaths);
  const names = createRouteNames();
  // The instrumentation matches these case-sensitively and only as first met; the pass at the export boundary does the
  // whole job. They still stand here so that the span is clean for processors of the user's own, too.
  const redactedQueryParams = settings.redact ? [...secretQueryNames, ...settings.redactKeys] : [];
  let told = false;
  return {
    redactedQueryParams,
    redactedQueryParamsServer: redactedQueryParams,
    ignoreIncomingRequestHook: (request) => ignored(request.url),
    requestHook(span, request) {
      const { method } = request;
      if (methodName(method) === 'HTTP') span.updateName('HTTP');
      // Ahead of the instrumentation's own listeners, which end the span.
      if (request instanceof ClientRequest) watchEnd(span, request);
    },
    responseHook: (span, response) => keep?.http(span, response),
    applyCustomAttributesOnSpan(span, request, response) {
      if (!(response instanceof ServerResponse) || !span.isRecording()) return;
      nameServerSpan(span, request as IncomingMessage, response);
      markUnfinished(span, request as IncomingMessage, response);
    },
  };

  function nameServerSpan(span: Span, request: IncomingMessage, response: ServerResponse): void {
    const route = frameworkRoute(span, request);
    // A path template stays out of `http.route`, which is for what a framework matched.
    span.updateName(
      route !== undefined
        ? `${methodName(request.method)} ${route}`
        : names.name(request.method, wholeTarget(request), response.statusCode),
    );
    if (names.full && !told) {
      told = true;
      diag.warn(
        'keeptrace: more different paths than can be templated were served, so further ones are named by method only. ' +
          'Set the attribute http.route on the active span in your router to name them.',
      );
    }
  }

  function frameworkRoute(span: Span, request: IncomingMessage): string | undefined {
    const known = attributesOf(span)?.['http.route'];
    // `/*` is a catch-all middleware's pattern, which says less than the path does.
    if (typeof known === 'string' && known !== '' && known !== '*' && known !== '/*') return known;
    const express = expressRoute(request);
    if (express === undefined || (express.guessed && !names.admit(express.route))) return undefined;
    span.setAttribute('http.route', express.route);
    return express.route;
  }
}

/**
 * A server span whose response never went out whole ended UNSET with status 200 otherwise, although the caller got
 * nothing (R14). It is an error unless the caller had gone itself; an event stream is left in the middle by either side.
 */
function markUnfinished(span: Span, request: IncomingMessage, response: ServerResponse): void {
  if (response.writableFinished) return;
  if (response.headersSent && !response.errored && isEventStream(response)) return;
  if (clientLeft(request, response)) {
    span.setAttribute('keeptrace.client_left', true);
    if (!response.headersSent) removeAttribute(span, 'http.response.status_code');
    return;
  }
  const cause = response.errored as NodeJS.ErrnoException | null;
  span.setAttribute('error.type', cause?.code ?? cause?.name ?? 'ERR_STREAM_PREMATURE_CLOSE');
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'response closed before it was finished' });
  if (!response.headersSent) removeAttribute(span, 'http.response.status_code');
}

/** Exact paths, or prefixes ending in `*`; the query does not count, nor does a trailing slash. */
export function pathMatcher(patterns: string[]): (url: string | undefined) => boolean {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const pattern of patterns) {
    if (pattern.endsWith('*')) prefixes.push(pattern.slice(0, -1));
    else exact.add(trimSlash(pattern));
  }
  return (url) => {
    const path = url === undefined ? undefined : pathOf(url);
    if (path === undefined) return false;
    if (exact.has(trimSlash(path))) return true;
    for (const prefix of prefixes) if (path.startsWith(prefix)) return true;
    return false;
  };
}

function trimSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Express and connect strip the mount from `url` while a mounted handler has the request. */
function wholeTarget(request: IncomingMessage): string {
  const { originalUrl } = request as { originalUrl?: unknown };
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
}
