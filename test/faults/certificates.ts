// Two certificates for 127.0.0.1 made once: one that emitters are told to trust, and one that they are not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Pair = { key: Buffer; cert: Buffer };

let made: (Record<'trusted' | 'foreign', Pair> & { file: string }) | undefined;

/** `file` is the trusted certificate, for `OTEL_EXPORTER_OTLP_CERTIFICATE`. Removed when this process ends. */
export function testCertificates() {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-certificates-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const pair = (name: string): Pair => {
    const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ${name}.key -out ${name}.pem -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1`;
    execFileSync('openssl', args.split(' '), { cwd: folder, stdio: 'pipe' });
    const read = (kind: string) => readFileSync(join(folder, `${name}.${kind}`));
    return { key: read('key'), cert: read('pem') };
  };
  made = { trusted: pair('trusted'), foreign: pair('foreign'), file: join(folder, 'trusted.pem') };
  return made;
}
