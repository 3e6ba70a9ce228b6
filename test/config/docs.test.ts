import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
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
    const env = { OTEL_SERVICE_NAME: 'shop', ...companions, [name]: value };
    expect([name, resolveSettings({ env }).problems]).toEqual([name, []]);
  }
});
