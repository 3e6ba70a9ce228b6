// PEM files for TLS: named, present, in pairs. Reading them is left to whoever connects.
import type { Picker } from './picker.ts';
import { exportRows as rows } from './rows-export.ts';
import { assignment, printable, toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

const NO_PAIR = { clientKeyFile: undefined, clientCertificateFile: undefined };

type TlsSettings = Pick<Settings, 'certificateFile' | 'clientKeyFile' | 'clientCertificateFile'>;

/** @param endpoint empty when there is none @param unreadable undefined when the files are not to be checked */
export function resolveTlsFiles(
  picker: Picker,
  endpoint: string,
  unreadable: ((path: string) => string | undefined) | undefined,
): { settings: TlsSettings; usable: boolean } {
  const settings: TlsSettings = {
    certificateFile: picker.pick(rows.certificateFile),
    clientKeyFile: picker.pick(rows.clientKeyFile),
    clientCertificateFile: picker.pick(rows.clientCertificateFile),
  };
  if (!endpoint.startsWith('https:')) {
    if (endpoint !== '' && unreadable) complainAboutPlainHttp(picker, settings);
    return { settings: { certificateFile: undefined, ...NO_PAIR }, usable: true };
  }
  let usable = true;
  for (const name of ['certificateFile', 'clientKeyFile', 'clientCertificateFile'] as const) {
    const path = settings[name];
    const reason = path === undefined ? undefined : unreadable?.(path);
    if (!path || !reason) continue;
    usable = false;
    const origin = picker.origins[name]!;
    picker.problems.push(
      toProblem({
        code: 'KT_TLS_FILE',
        severity: 'error',
        origin,
        shown: printable(path),
        why: `cannot be read (${reason})`,
        expected: 'a PEM file that this process may read',
        now:
          origin.kind === 'code'
            ? undefined
            : 'tracing is off, because a connection with other certificates was not asked for',
        write: assignment(
          origin,
          origin.kind === 'code' ? "'/path/to/a/readable/file.pem'" : '/path/to/a/readable/file.pem',
        ),
      }),
    );
  }
  const half = (settings.clientKeyFile === undefined) !== (settings.clientCertificateFile === undefined);
  if (half) complainAboutHalfPair(picker, settings);
  return { settings: half ? { ...settings, ...NO_PAIR } : settings, usable };
}

function complainAboutPlainHttp(picker: Picker, settings: TlsSettings): void {
  for (const name of ['certificateFile', 'clientKeyFile', 'clientCertificateFile'] as const) {
    if (settings[name] === undefined) continue;
    picker.problems.push(
      toProblem({
        code: 'KT_NO_EFFECT',
        origin: picker.origins[name]!,
        why: 'has no effect, because the endpoint is plain http',
        expected: 'an https:// endpoint',
        now: 'spans travel unencrypted',
        write: 'OTEL_EXPORTER_OTLP_ENDPOINT=https://…',
      }),
    );
  }
}

function complainAboutHalfPair(picker: Picker, { clientKeyFile }: TlsSettings): void {
  const [present, missing] = clientKeyFile
    ? (['clientKeyFile', 'clientCertificateFile'] as const)
    : (['clientCertificateFile', 'clientKeyFile'] as const);
  const origin = picker.origins[present]!;
  const absent = origin.kind === 'code' ? missing : rows[missing].env[1]!;
  picker.problems.push(
    toProblem({
      code: 'KT_TLS_PAIR',
      severity: origin.kind === 'code' ? 'error' : 'warning',
      origin,
      why: `is set without ${absent}`,
      expected: 'a client key and a client certificate together',
      now: origin.kind === 'code' ? undefined : 'spans are sent without a client certificate',
      write: assignment(
        { kind: origin.kind, name: absent },
        origin.kind === 'code' ? `'${rows[missing].example}'` : rows[missing].example,
      ),
    }),
  );
}
