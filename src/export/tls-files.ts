// Reads the PEM files for talking to the collector, at start, where a wrong path can still be shown.
import { readFileSync } from 'node:fs';
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
