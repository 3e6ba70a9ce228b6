// Makes the page of the viewer fit to be installed: one script and one style sheet, minified and compressed. In the repository
// the server sends the sources as they are.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const LINKS = /<link rel="stylesheet" href="\/page\/(.*?)">\s*/g;
const SCRIPTS = /<script src="\/page\/(.*?)" type="module"><\/script>\s*/g;

/**
 * @param {string} from the folder of the sources
 * @param {string} to the folder to make
 */
export async function buildPage(from, to) {
  const page = readFileSync(join(from, 'index.html'), 'utf8');
  const sheets = [...page.matchAll(LINKS)].map(([, name]) => readFileSync(join(from, name), 'utf8'));
  const scripts = [...page.matchAll(SCRIPTS)].map(([, name]) => `import './${name}';`);
  const style = await transform(sheets.join('\n'), { loader: 'css', minify: true, target: 'esnext' });
  const script = await build({
    stdin: { contents: scripts.join('\n'), resolveDir: from },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    // package.json says that nothing but the doors of the library has side effects.
    ignoreAnnotations: true,
  });
  const html = page
    .replaceAll(SCRIPTS, '')
    .replaceAll(LINKS, '')
    .replace(
      '</head>',
      '<link rel="stylesheet" href="/page/page.css"><script src="/page/page.js" type="module"></script></head>',
    );
  mkdirSync(to, { recursive: true });
  for (const [name, text] of [
    ['index.html', html],
    ['icon.svg', readFileSync(join(from, 'icon.svg'))],
    ['page.css', style.code],
    ['page.js', script.outputFiles[0].text],
  ]) {
    writeFileSync(join(to, `${name}.br`), brotliCompressSync(text));
  }
}
