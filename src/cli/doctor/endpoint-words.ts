// How findings speak of the endpoint: never with userinfo or a query, and with lines in the notation of its variable.
import { settingVariables } from '../../config/rows.ts';
import { createScrub } from '../../export/destination/scrub.ts';
import { sourceOf } from '../environment.ts';
import type { Facts } from './facts.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** Parts of the address to be put in place of what it has. */
export type Change = Partial<Pick<URL, 'protocol' | 'host' | 'hostname' | 'port' | 'pathname'>>;

export interface EndpointWords {
  /** Origin and path. */
  label: string;
  url: URL;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT in the environment` */
  from: string;
  /** The line that sets another address: `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`. */
  line(change: Change): string;
  /** Makes what a server says fit to be shown. */
  scrub(text: string): string;
  /** This machine. */
  local: boolean;
}

export function endpointWords({ resolved, environment }: Facts): EndpointWords {
  const { settings, origins } = resolved;
  const url = new URL(settings.endpoint);
  const origin = origins.endpoint!;
  const variable = origin.kind === 'env' ? origin.name : BASE;
  const secrets = [...Object.values(settings.headers), ...url.searchParams.values(), ...url.search.slice(1).split('&')];
  return {
    label: shown(url),
    url,
    from: sourceOf(origin, environment, BASE),
    line: (change) => {
      const changed = Object.assign(new URL(url), change);
      const full = shown(changed);
      return `${variable}=${variable === BASE ? full.replace(/\/v1\/traces\/?$/, '') : full}`;
    },
    scrub: createScrub(secrets),
    local: /^(localhost|127\..*|\[::1\])$/.test(url.hostname),
  };
}

function shown(url: URL): string {
  return url.origin + (url.pathname === '/' ? '' : url.pathname);
}

/** The variable from which the headers come, for a line to paste. */
export function headersVariable({ resolved }: Facts): string {
  const origin = resolved.origins.headers;
  return origin?.kind === 'env' && settingVariables.includes(origin.name) ? origin.name : 'OTEL_EXPORTER_OTLP_HEADERS';
}
