// Owns the environment of the app under the doctor: its own, but for the address that spans are sent to.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface DoctorEnvironment {
  /** Origin of the doctor's receiver. */
  url: string;
  /** File of the probe. */
  probe: string;
  /** keeptrace's preload, where the app does not load it itself. */
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
  const ours = [`--require ${quoted(probe)}`, preload && `--import ${pathToFileURL(preload).href}`];
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

/** A TypeScript entry that is CommonJS is run past every patch by some Nodes when a preload is imported, not required. */
export function preloadOf(root: string): string {
  return join(root, 'dist/esm/register.js');
}
