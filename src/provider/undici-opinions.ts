// Owns how instrumentation-undici (fetch and undici) is configured. It works through diagnostics channels and needs no
// loader hook; its URLs are redacted at the export boundary, because it has no redaction of its own.
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import type { KeepHooks } from './keep-hooks.ts';
import { attributesOf } from './span-attributes.ts';

export function undiciOpinions(keep?: KeepHooks): UndiciInstrumentationConfig {
  return {
    requestHook(span) {
      const attributes = attributesOf(span);
      if (attributes === undefined) return;
      // The conventions want the original only where it differs, and the query without its question mark.
      if (attributes['http.request.method_original'] === attributes['http.request.method']) {
        delete attributes['http.request.method_original'];
      }
      const query = attributes['url.query'];
      if (query === '') delete attributes['url.query'];
      else if (typeof query === 'string' && query.startsWith('?')) attributes['url.query'] = query.slice(1);
    },
    responseHook: (span, { response }) => keep?.undici(span, response.headers),
  };
}
