// Builds dist/esm and dist/cjs from src, types beside the code, so that `import` and `require` each get their own kind.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const pkg = createRequire(import.meta.url)('../package.json');
const dist = join(root, 'dist');

// `init-tracing` is an entry of its own because it is loaded on demand: see src/start.ts.
const input = {
  index: join(root, 'src/index.ts'),
  register: join(root, 'src/register.ts'),
  'init-tracing': join(root, 'src/init-tracing.ts'),
};
// Everything installed stays outside, but for the names of the semantic conventions: the bundle takes the few that are
// used, where loading the package would cost 40 ms at every start.
const inlined = /^@opentelemetry\/semantic-conventions/;
const external = (id) => !id.startsWith('.') && !id.startsWith('/') && !inlined.test(id);

rmSync(dist, { recursive: true, force: true });
for (const format of ['esm', 'cjs']) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    external,
    transform: { define: { __VERSION__: JSON.stringify(pkg.version) }, target: 'es2022' },
  });
  await bundle.write({
    dir: join(dist, format),
    format,
    exports: 'named',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    hashCharacters: 'hex',
  });
  await bundle.close();
}

execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
for (const name of readdirSync(join(dist, 'esm'), { recursive: true })) {
  if (!name.endsWith('.d.ts') || !statSync(join(dist, 'esm', name)).isFile()) continue;
  mkdirSync(dirname(join(dist, 'cjs', name)), { recursive: true });
  cpSync(join(dist, 'esm', name), join(dist, 'cjs', name));
}
writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n');
