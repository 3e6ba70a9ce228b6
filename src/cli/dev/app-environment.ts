// The environment under which an application sends every trace to the viewer, and nowhere else. Pure but for finding
// the preload.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What would send traces elsewhere, otherwise, or not at all. Headers may hold the key of a real backend. */
const IN_THE_WAY = [
  'OTEL_SDK_DISABLED',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_EXPORTER_OTLP_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_KEY',
  'OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE',
  'OTEL_TRACES_SAMPLER_ARG',
];

/** @param preload URL of the module to load before the application */
export function appEnvironment(env: NodeJS.ProcessEnv, url: string, preload: string): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { ...env };
  for (const name of IN_THE_WAY) delete own[name];
  own.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  own.OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf';
  own.OTEL_TRACES_EXPORTER = 'otlp';
  own.OTEL_TRACES_SAMPLER = 'always_on';
  // Traces show up while one still looks at the request that made them.
  own.OTEL_BSP_SCHEDULE_DELAY = '200';
  const options = env.NODE_OPTIONS ?? '';
  if (!options.includes('keeptrace/register')) own.NODE_OPTIONS = `${options} --import ${preload}`.trim();
  return own;
}

/**
 * The application's own copy of keeptrace, else the one that this command belongs to. As a URL, so that it is found from
 * whatever folder the command changes to, and holds no spaces.
 */
export function preloadFor(folder: string): string {
  const from = (place: string) => dirname(createRequire(place).resolve('keeptrace/package.json'));
  let root: string;
  try {
    root = from(join(folder, 'noop.js'));
  } catch {
    root = from(import.meta.url);
  }
  return pathToFileURL(join(root, 'dist/esm/register.js')).href;
}
