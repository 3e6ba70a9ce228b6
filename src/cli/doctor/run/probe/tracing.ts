// Owns what is read from keeptrace's handle, which any copy of it leaves in one place.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Settings } from '../../../../config/settings.ts';
import type { TracingFacts } from '../facts.ts';
import { versionIn } from './modules.ts';
import { quietly } from './quietly.ts';

/** The part of the handle that this needs. */
interface Handle {
  active: boolean;
  settings: Readonly<Settings> | undefined;
  stats(): {
    ended: number;
    accepted: number;
    rejected: number;
    queued: number;
    dropped: Record<string, number>;
    sampling: { kept: Record<string, number>; dropped: number };
  };
}

export function tracingFacts(startedBy: string | undefined, instrumentations: string[]): TracingFacts | undefined {
  const handle = (globalThis as Record<symbol, Handle | undefined>)[Symbol.for('keeptrace.tracing')];
  if (handle === undefined) return undefined;
  const settings: Partial<Settings> = handle.settings ?? {};
  const stats = handle.stats();
  return {
    active: handle.active,
    startedBy,
    destination: settings.spanExporter
      ? 'an exporter of the app'
      : quietly(() => new URL(settings.endpoint ?? '').origin),
    exporter: settings.exporter,
    sampler: settings.sampler,
    sampleRatio: settings.sampleRatio,
    instrumentations,
    onlySome: settings.enabledInstrumentations !== undefined,
    apiVersion: apiVersion(),
    kept: stats.ended,
    accepted: stats.accepted,
    rejected: stats.rejected,
    queued: stats.queued,
    lost: stats.dropped,
    keptTraces: stats.sampling.kept,
    droppedTraces: stats.sampling.dropped,
  };
}

/** What the app gets when it asks for the API; keeptrace, installed beside it, gets the same. */
const apiVersion = (): string | undefined =>
  quietly(() => {
    const file = createRequire(join(process.cwd(), 'probe.js')).resolve('@opentelemetry/api');
    const [folder] = /^.*[\\/]node_modules[\\/]@opentelemetry[\\/]api/.exec(file) ?? [];
    return folder === undefined ? undefined : versionIn(folder);
  });
