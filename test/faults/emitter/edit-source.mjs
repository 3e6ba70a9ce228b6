// Changes the library's code as it is loaded: a mechanism taken out must turn a row red.
import { registerHooks } from 'node:module';

/** A mutation that finds nothing to change would prove nothing. */
export function editSource(edits) {
  const left = new Set(edits);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const own = edits.filter(([file]) => url.endsWith(`/src/${file}`));
      if (own.length === 0) return loaded;
      let source = String(loaded.source);
      for (const edit of own) {
        const [file, pattern, replacement] = edit;
        const edited = source.replace(new RegExp(pattern), replacement);
        if (edited === source) throw new Error(`nothing matches ${pattern} in src/${file}`);
        source = edited;
        left.delete(edit);
      }
      return { ...loaded, source };
    },
  });
  return () => {
    for (const [file] of left) throw new Error(`src/${file} was not loaded`);
  };
}
