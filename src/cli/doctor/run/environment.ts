// Owns the environment of the app under the doctor: its own, but for the address that spans are sent to.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isEsm } from './command-line.ts';

export interface DoctorEnvironment {
  /** Origin of the doctor's receiver. */
  url: string;
  /** File of the probe. */
  probe: string;
  /** The flag that loads keeptrace, where the app does not do so itself. */
  preload: string | undefined;
}

/**
 * Only the variables for traces are set, so that metrics and logs of the app go where they went. Everything that decides
 * whether there are spans stays the app's: it is what is being examined. A spool is left out, because batches that an
 * earlier process has left there would come here instead of to the backend.
 */
export function doctorEnvironment(
  env: NodeJS.ProcessEnv,
  { url, probe, preload }: DoctorEnvironment,
): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { ...env };
  delete own.KEEPTRACE_SPOOL_DIR;
  own.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${url}/v1/traces`;
  own.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL = 'http/protobuf';
  const ours = [`--require ${quoted(probe)}`, preload];
  own.NODE_OPTIONS = [...ours, env.NODE_OPTIONS].filter(Boolean).join(' ');
  return own;
}

/** NODE_OPTIONS is split at spaces, unless they are in double quotes. */
const quoted = (file: string): string => (/[\s"\\]/.test(file) ? `"${file.replaceAll(/["\\]/g, '\\$&')}"` : file);

/** The app's own copy of keeptrace, else the one that this command belongs to: the folder of its package. */
export function keeptraceFor(folder: string): string {
  try {
    return rootFrom(join(folder, 'noop.js'));
  } catch {
    return ownRoot();
  }
}

export const ownRoot = (): string => rootFrom(import.meta.url);

const rootFrom = (place: string): string => dirname(createRequire(place).resolve('keeptrace/package.json'));

/**
 * The flag that loads keeptrace before the app. A CommonJS entry in TypeScript is run past every patch by some Nodes when a
 * preload is imported, see src/entry.ts.
 */
export function preloadFlag(root: string, entry: string | undefined): string {
  if (entry !== undefined && /\.c?ts$/.test(entry) && !isEsm(entry)) {
    return `--require ${quoted(join(root, 'dist/cjs/register.js'))}`;
  }
  return `--import ${pathToFileURL(join(root, 'dist/esm/register.js')).href}`;
}
