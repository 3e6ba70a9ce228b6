// Preloaded before the library: changes its code as it is loaded. The changes stand in the query of this module's URL.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const edits = JSON.parse(new URL(import.meta.url).searchParams.get('edits')).map(([pattern, replacement]) => ({
  pattern: new RegExp(pattern),
  replacement,
  applied: false,
}));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!/\/dist\/(esm|cjs)\/[^/]+\.js$/.test(url)) return loaded;
    let source = String(loaded.source ?? readFileSync(new URL(url), 'utf8'));
    for (const edit of edits) {
      if (!edit.pattern.test(source)) continue;
      edit.applied = true;
      source = source.replace(edit.pattern, edit.replacement);
    }
    return { ...loaded, source };
  },
});

// A mutation that finds nothing to change would prove nothing.
process.once('message', () => {
  for (const { pattern, applied } of edits) {
    if (applied) continue;
    console.error(`nothing matches ${pattern}`);
    process.exit(1);
  }
});
