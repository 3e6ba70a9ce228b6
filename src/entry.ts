// Owns the one way in that no preload can make work: a CommonJS TypeScript entry behind --import, on some Nodes.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Entry {
  /** `process.argv[1]` */
  script: string | undefined;
  /** Node's own flags, those of `NODE_OPTIONS` included. */
  flags: string;
  nodeVersion: string;
}

/**
 * With `--import`, Node 22.18 to 24.17 runs such an entry through the ES module translator, whose `require` passes every
 * patch by: what the entry loads itself makes no spans. With `--require` the same entry is loaded the old way.
 *
 * @returns a sentence with the way out, or undefined
 */
export function entryObstacle({ script, flags, nodeVersion }: Entry): string | undefined {
  const preloaded = /--import[= ]\S*keeptrace\/register/.test(flags);
  const transpiled = /tsx|ts-node|swc|esbuild/.test(flags);
  if (!preloaded || transpiled || script === undefined || !translates(nodeVersion) || !isCommonJs(script)) {
    return undefined;
  }
  return `Node ${nodeVersion} loads a CommonJS TypeScript entry past every instrumentation when it is started with --import, so packages required in ${script} make no spans. Start it with --require keeptrace/register, or use Node 24.18 or newer.`;
}

function translates(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 22 || major === 23 || (major === 24 && minor < 18);
}

function isCommonJs(script: string): boolean {
  if (script.endsWith('.cts')) return true;
  if (!script.endsWith('.ts')) return false;
  for (let at = dirname(script); ; at = dirname(at)) {
    try {
      return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).type !== 'module';
    } catch {
      if (dirname(at) === at) return true;
    }
  }
}
