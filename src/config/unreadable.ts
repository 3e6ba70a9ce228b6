// The one look at the file system that settings need, kept apart so that resolving them stays pure.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import type { FileUse } from './resolve-tls.ts';

/**
 * Why `path` cannot be used: an error code of the file system such as `ENOENT`, or one of TLS, which begins with `ERR_`.
 * undefined when it can. What TLS cannot use would fail at every export instead, long after the start.
 */
export function whyUnreadable(path: string, use?: FileUse): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'EISDIR';
    accessSync(path, constants.R_OK);
    return use && whyUnusable(readFileSync(path), use);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

/** @throws what reading the key of a client certificate throws */
function whyUnusable(pem: Buffer, { as, keyFile }: FileUse): string | undefined {
  // Asked for here and not imported: a Node without TLS has neither, and most apps name no files.
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  try {
    // TLS passes a text without certificates over in silence, and then trusts nobody. DER is no PEM.
    if (as === 'ca' && !pem.includes('-----BEGIN ')) return 'ERR_OSSL_PEM_NO_START_LINE';
    if (as === 'ca') new X509Certificate(pem);
    // An empty list of authorities spares loading the usual ones.
    else if (as === 'key') createSecureContext({ ca: [], key: pem });
    else createSecureContext({ ca: [], cert: pem, ...(keyFile && { key: readFileSync(keyFile) }) });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ERR_TLS';
  }
}
