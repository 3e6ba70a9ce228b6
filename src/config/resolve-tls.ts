// PEM files for TLS: named, present, of the right kind, in pairs. Looking into them is left to a function from outside.
import type { Picker } from './picker.ts';
import { exportRows as rows } from './rows-export.ts';
import { assignment, printable, toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

const NO_PAIR = { clientKeyFile: undefined, clientCertificateFile: undefined };

type TlsSettings = Pick<Settings, 'certificateFile' | 'clientKeyFile' | 'clientCertificateFile'>;

export interface FileUse {
  as: 'ca' | 'key' | 'cert';
  /** The key that the certificate must belong to. */
  keyFile?: string | undefined;
}

/** Error code when a file cannot be read, or not be used (`ERR_…`); undefined when it can. */
export type Unreadable = (path: string, use: FileUse) => string | undefined;

/** In this order: a certificate is compared with its key only when the key itself is in order. */
const FILES = [
  ['certificateFile', 'ca', 'certificate'],
  ['clientKeyFile', 'key', 'private key'],
  ['clientCertificateFile', 'cert', 'certificate'],
] as const;

/** @param endpoint empty when there is none @param unreadable undefined when the files are not to be checked */
export function resolveTlsFiles(
  picker: Picker,
  endpoint: string,
  unreadable: Unreadable | undefined,
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
  let keyFile: string | undefined;
  for (const [name, as, content] of FILES) {
    const path = settings[name];
    const reason = path === undefined ? undefined : unreadable?.(path, { as, keyFile });
    if (as === 'key' && !reason) keyFile = path;
    if (!path || !reason) continue;
    usable = false;
    const origin = picker.origins[name]!;
    picker.problems.push(
      toProblem({
        code: 'KT_TLS_FILE',
        severity: 'error',
        origin,
        shown: printable(path),
        why: whyOf(reason, content),
        expected: `a PEM file with a ${content} that this process may read`,
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

function whyOf(reason: string, content: string): string {
  if (!reason.startsWith('ERR_')) return `cannot be read (${reason})`;
  if (reason.endsWith('KEY_VALUES_MISMATCH')) return `does not belong to the client key (${reason})`;
  if (/BAD_DECRYPT|INTERRUPTED|PASSPHRASE/.test(reason))
    return `is protected by a passphrase, for which there is no setting (${reason})`;
  return `can be read but holds no ${content} in PEM form that TLS can use (${reason})`;
}

function complainAboutPlainHttp(picker: Picker, settings: TlsSettings): void {
  for (const [name] of FILES) {
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
