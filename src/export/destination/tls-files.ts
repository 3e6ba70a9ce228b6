// Reads the PEM files for talking to the collector: at start, where a wrong path can still be shown, and when they change.
import { readFileSync, statSync } from 'node:fs';
import { DestinationError } from './destination-error.ts';

export interface TlsPaths {
  certificateFile?: string | undefined;
  clientKeyFile?: string | undefined;
  clientCertificateFile?: string | undefined;
}

/** PEM contents, named as Node's TLS options. */
export interface TlsFiles {
  ca?: Buffer;
  key?: Buffer;
  cert?: Buffer;
}

const parts = [
  ['ca', 'certificateFile', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
  ['key', 'clientKeyFile', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
  ['cert', 'clientCertificateFile', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
] as const;

/** @throws DestinationError with a sentence that names all files which cannot be read */
export function readTlsFiles(paths: TlsPaths): TlsFiles {
  const tls: TlsFiles = {};
  const unreadable: string[] = [];
  for (const [part, option, variable] of parts) {
    const path = paths[option];
    if (path === undefined) continue;
    try {
      tls[part] = readFileSync(path);
    } catch (error) {
      unreadable.push(`${variable}=${path} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`);
    }
  }
  if (unreadable.length > 0) throw new DestinationError(`TLS files cannot be read: ${unreadable.join(', ')}.`);
  return tls;
}

/**
 * Returns a function that gives the contents anew once one of the files has changed (certificates are rotated under running
 * processes), and undefined otherwise. Never throws: a file that is being replaced is looked at again the next time.
 */
export function watchTlsFiles(paths: TlsPaths): () => TlsFiles | undefined {
  let seen = fingerprint(paths);
  return () => {
    const found = fingerprint(paths);
    if (found === undefined || found === seen) return undefined;
    try {
      const files = readTlsFiles(paths);
      seen = found;
      return files;
    } catch {
      return undefined;
    }
  };
}

/** Changes with any of the files, also when a link is turned to another one, as orchestrators do it. */
function fingerprint(paths: TlsPaths): string | undefined {
  try {
    return parts
      .map(([, option]) => paths[option])
      .map((path) => path && statSync(path))
      .map((stats) => stats && `${stats.ino}:${stats.mtimeMs}:${stats.size}`)
      .join();
  } catch {
    return undefined;
  }
}

/** What weakens TLS though it works, in whole sentences. `endpoint` tells whether there is TLS at all. */
export function tlsWarnings(
  { endpoint, clientKeyFile }: TlsPaths & { endpoint: string },
  env: Record<string, string | undefined>,
): { message: string }[] {
  if (!endpoint.startsWith('https:')) return [];
  const warnings: { message: string }[] = [];
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    warnings.push({
      message:
        'NODE_TLS_REJECT_UNAUTHORIZED=0 lets any server pose as the collector, and receive the spans and the key. Remove it, and name the CA file in OTEL_EXPORTER_OTLP_CERTIFICATE.',
    });
  }
  if (clientKeyFile !== undefined && othersMayRead(clientKeyFile)) {
    warnings.push({
      message: `OTEL_EXPORTER_OTLP_CLIENT_KEY=${clientKeyFile} can be read by other users of this machine. Run: chmod 600 ${clientKeyFile}`,
    });
  }
  return warnings;
}

function othersMayRead(path: string): boolean {
  try {
    // Windows has no such bits and reports them all.
    return process.platform !== 'win32' && (statSync(path).mode & 0o044) !== 0;
  } catch {
    return false;
  }
}
