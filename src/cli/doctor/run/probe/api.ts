// Owns what is seen of the OpenTelemetry API: who holds its globals, who wanted to, and how many copies there are.
import type { ApiFacts } from '../facts.ts';
import { copiesOf, versionIn } from './modules.ts';
import { quietly } from './quietly.ts';
import { packageFrames } from './where.ts';

interface Provider {
  _resource?: { attributes?: Record<string, unknown> };
  constructor?: { name?: string };
}

interface ApiGlobal {
  version?: string;
  trace?: { getDelegate?(): Provider };
  diag?: { error?(...args: unknown[]): void };
}

const apiGlobal = (): ApiGlobal | undefined =>
  (globalThis as Record<symbol, ApiGlobal | undefined>)[Symbol.for('opentelemetry.js.api.1')];

/** @param ours the provider that keeptrace has made */
export function apiFacts(ours: unknown): ApiFacts | undefined {
  const global = apiGlobal();
  if (global?.version === undefined) return undefined;
  const provider = global.trace?.getDelegate?.() ?? (global.trace as Provider | undefined);
  const loaded = copiesOf('@opentelemetry/api').map((folder) => ({
    folder,
    version: versionIn(folder) ?? 'unknown',
  }));
  return {
    version: global.version,
    provider: provider && nameOf(provider),
    ours: ours !== undefined && provider === ours,
    loaded,
  };
}

function nameOf({ _resource, constructor: type }: Provider): string {
  const distro = _resource?.attributes?.['telemetry.distro.name'];
  const name = type?.name?.replace(/\$\d+$/, '') ?? 'unknown';
  return typeof distro === 'string' ? `${name} of ${distro}` : name;
}

/**
 * The API tells a second registration to its logger alone, with a stack in the message. So the logger is listened to.
 *
 * @param packages gets the names of those who tried
 */
export function watchRefusals(packages: Set<string>): void {
  const logger = apiGlobal()?.diag;
  const { error } = logger ?? {};
  if (logger === undefined || error === undefined) return;
  logger.error = function (this: unknown, ...args: unknown[]) {
    quietly(() => {
      const text = String(args[0]);
      if (!/duplicate registration of API: trace/.test(text)) return;
      const culprit = packageFrames(text).find((name) => name !== '@opentelemetry/api');
      packages.add(culprit ?? 'the app');
    });
    return error.apply(this, args);
  };
}
