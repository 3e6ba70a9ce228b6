// Builds dist/esm and dist/cjs from src, types beside the code, so that `import` and `require` each get their own kind.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { buildPage } from './build-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pkg = createRequire(import.meta.url)('../package.json');
// Made beside dist and put in its place at the end, so that a build which fails leaves no half of one.
const dist = join(root, 'dist.new');

// `init-tracing` is an entry of its own because it is loaded on demand: see src/start.ts.
const input = {
  index: join(root, 'src/index.ts'),
  register: join(root, 'src/register.ts'),
  messaging: join(root, 'src/messaging/index.ts'),
  testing: join(root, 'src/testing/index.ts'),
  'init-tracing': join(root, 'src/init-tracing.ts'),
};
// Only ever started by Node itself, so it needs no second kind.
const command = { cli: join(root, 'src/cli/main.ts') };
// Required into apps by `keeptrace doctor -- command`, and by nobody else.
const probe = { 'doctor-probe': join(root, 'src/cli/doctor/run/probe/probe.ts') };
// Everything installed stays outside, but for packages of which the bundle takes the little that is used: loading the first
// two whole would cost 40 ms each at every start, the loggers' 50 ms in every app that logs (docs/decisions/0007).
const inlined = [
  '@opentelemetry/semantic-conventions',
  'zod',
  '@opentelemetry/instrumentation-bunyan',
  '@opentelemetry/instrumentation-pino',
  '@opentelemetry/instrumentation-winston',
];
const external = (id) =>
  !id.startsWith('.') && !isAbsolute(id) && !inlined.some((name) => id === name || id.startsWith(`${name}/`));

rmSync(dist, { recursive: true, force: true });
for (const format of ['esm', 'cjs']) {
  const bundle = await rolldown({
    input: format === 'esm' ? { ...input, ...command } : { ...input, ...probe },
    platform: 'node',
    external,
    transform: { define: { __VERSION__: JSON.stringify(pkg.version) }, target: 'es2022' },
  });
  const { output } = await bundle.write({
    dir: join(dist, format),
    format,
    exports: 'named',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    hashCharacters: 'hex',
  });
  await bundle.close();
  if (format === 'esm') await minifyCommand(output);
  else await minifyProbe();
}

/** What nothing but the command loads needs no comments, and is only as large as it has to be. */
async function minifyCommand(chunks) {
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const loadedBy = (names) => {
    const loaded = new Set(names);
    for (const name of loaded)
      for (const other of [...named.get(name).imports, ...named.get(name).dynamicImports])
        if (named.has(other)) loaded.add(other);
    return loaded;
  };
  const library = loadedBy(Object.keys(input).map((name) => `${name}.js`));
  for (const name of loadedBy(['cli.js'])) {
    if (library.has(name)) continue;
    const file = join(dist, 'esm', name);
    const { code } = await transform(readFileSync(file, 'utf8'), { minify: true, format: 'esm', target: 'es2022' });
    writeFileSync(file, code);
  }
}

/** It runs in applications, and says nothing there: no names are needed in it. */
async function minifyProbe() {
  const file = join(dist, 'cjs/doctor-probe.js');
  const { code } = await transform(readFileSync(file, 'utf8'), { minify: true, format: 'cjs', target: 'es2022' });
  writeFileSync(file, code);
}

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const types = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(dist, 'esm')];
try {
  execFileSync(process.execPath, types, { stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said why.
}
for (const name of readdirSync(join(dist, 'esm'), { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const text = readFileSync(join(dist, 'esm', name), 'utf8').replaceAll(/(from '\..*)\.ts'/g, "$1.js'");
  mkdirSync(dirname(join(dist, 'cjs', name)), { recursive: true });
  for (const format of ['esm', 'cjs']) writeFileSync(join(dist, format, name), text);
}
await buildPage(join(root, 'src/cli/dev/page'), join(dist, 'page'));
writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n');

const notices = inlined.map((name) => {
  const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim();
  return `This package contains parts of ${name}, which is under the following licence.\n\n${text}\n`;
});
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));

rmSync(join(root, 'dist'), { recursive: true, force: true });
renameSync(dist, join(root, 'dist'));
