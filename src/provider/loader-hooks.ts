// Owns the module loader side of patching: what `import` must do so that instrumentations see ES modules too.
import { createRequire, register, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(options: { shouldInclude(url: string, specifier: string): boolean }): void;
}

/**
 * Lets instrumentations see what is imported: built-ins, and the named packages. Never throws.
 *
 * @returns a sentence about what is not seen, or undefined
 */
export function seeImports(packages: readonly string[]): string | undefined {
  const problems = [patchBuiltins(), hookImports(packages)].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join(' ');
}

/**
 * `import { get } from 'node:http'` binds to the export as it was when the built-in was first loaded. Loading it through
 * `require` lets the instrumentation patch it; the sync writes the patched functions into the ES module's exports.
 * Needs no loader hook and works on every supported Node.
 */
export function patchBuiltins(): string | undefined {
  try {
    require('node:http');
    require('node:https');
    syncBuiltinESMExports();
    return undefined;
  } catch (error) {
    return unseen('node:http and node:https', error);
  }
}

/**
 * Lets instrumentations of installed packages see `import`. Only modules of the named packages pass through the hook:
 * wrapping everything breaks bundled apps (`class extends value undefined`, nodejs/import-in-the-middle#280).
 *
 * @param packages module names as the instrumentations give them, for example `koa`
 */
export function hookImports(packages: readonly string[]): string | undefined {
  if (packages.length === 0) return undefined;
  try {
    hook(packages);
    return undefined;
  } catch (error) {
    // Under --permission the older way may not start its thread (ERR_ACCESS_DENIED).
    return unseen(packages.join(', '), error);
  }
}

function hook(packages: readonly string[]): void {
  const wanted = new Set(packages);
  const hooks = require('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  if (hooks.supportsSyncHooks()) {
    hooks.register({ shouldInclude: (url) => wanted.has(packageOf(url)) });
  } else {
    // The older way, on a thread of its own: Node 22.15 to 22.22.2 and 24.0 to 24.11.0.
    register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include: [...wanted] } });
  }
}

function unseen(what: string, error: unknown): string {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  return `import of ${what} is not seen: ${reason}; what is loaded by require is, and the app is not affected.`;
}

/** `…/node_modules/@koa/router/lib/index.js` → `@koa/router` */
export function packageOf(url: string): string {
  const start = url.lastIndexOf('/node_modules/');
  if (start === -1) return '';
  const [scopeOrName = '', name = ''] = url.slice(start + '/node_modules/'.length).split('/', 2);
  return scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
}
