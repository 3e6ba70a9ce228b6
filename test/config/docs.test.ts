import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { problemCodes } from '../../src/config/problem-codes.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { settingVariables } from '../../src/config/rows.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('the generated pages match the settings table', async () => {
  await run(process.execPath, [join(root, 'scripts/generate-config-docs.ts'), '--check'], { cwd: root });
});

test('every line of .env.example is a correct setting', () => {
  const text = readFileSync(join(root, '.env.example'), 'utf8');
  const lines = [...text.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);
  expect(new Set(lines.map(([name]) => name))).toEqual(new Set(settingVariables));
  for (const [name, value] of lines) {
    const companions: Record<string, string> = name.endsWith('_INSECURE')
      ? { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
      : {};
    if (name.includes('CLIENT_')) {
      for (const half of ['CLIENT_KEY', 'CLIENT_CERTIFICATE']) companions[`OTEL_EXPORTER_OTLP_${half}`] = '/file.pem';
      companions.OTEL_EXPORTER_OTLP_ENDPOINT = 'https://otel.example';
    }
    if (name.startsWith('KEEPTRACE_SPOOL_')) companions.KEEPTRACE_SPOOL_DIR = '/var/spool/keeptrace';
    const env = { OTEL_SERVICE_NAME: 'shop', ...companions, [name]: value };
    expect([name, resolveSettings({ env }).problems]).toEqual([name, []]);
  }
});

test('every code of the catalogue is given by something in src', () => {
  const folder = join(root, 'src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('problem-codes.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  expect(Object.keys(problemCodes).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  const given = new Set([...sources.matchAll(/'(KT_[A-Z_]+)'/g)].map(([, code]) => code!));
  expect([...given].filter((code) => !(code in problemCodes))).toEqual([]);
});
