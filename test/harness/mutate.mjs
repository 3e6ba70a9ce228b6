// Preloaded before the library: changes its code as it is loaded. The change stands in the query of this module's URL.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const { searchParams } = new URL(import.meta.url);
const pattern = new RegExp(searchParams.get('pattern'));
const replacement = searchParams.get('replacement');
let applied = false;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!/\/dist\/(esm|cjs)\/[^/]+\.js$/.test(url)) return loaded;
    const source = String(loaded.source ?? readFileSync(new URL(url), 'utf8'));
    if (!pattern.test(source)) return loaded;
    applied = true;
    return { ...loaded, source: source.replace(pattern, replacement) };
  },
});

// A mutation that finds nothing to change would prove nothing.
process.once('message', () => {
  if (!applied) {
    console.error(`nothing matches ${pattern}`);
    process.exit(1);
  }
});
