// Owns how instrumentation-undici (fetch and undici) is configured. It works through diagnostics channels and needs no
// loader hook; its URLs are redacted at the export boundary, because it has no redaction of its own.
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import { attributesOf } from './span-attributes.ts';

export function undiciOpinions(): UndiciInstrumentationConfig {
  return {
    requestHook(span) {
      const attributes = attributesOf(span);
      if (attributes === undefined) return;
      // The conventions want the original only where it differs, and the query without its question mark.
      if (attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] === attributes[ATTR_HTTP_REQUEST_METHOD]) {
        delete attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL];
      }
      const query = attributes[ATTR_URL_QUERY];
      if (query === '') delete attributes[ATTR_URL_QUERY];
      else if (typeof query === 'string' && query.startsWith('?')) attributes[ATTR_URL_QUERY] = query.slice(1);
    },
  };
}
