// Everything the checks look at, gathered beforehand: settings, package.json, the Node at hand, and the network.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getDefaultAutoSelectFamily } from 'node:net';
import { dirname, join } from 'node:path';
import type { Resolved } from '../../config/resolve.ts';
import { type AppPackage, readAppPackage } from '../app-package.ts';
import { type Environment, resolveEnvironment } from '../environment.ts';
import { type LookupHost, lookupHost } from './addresses.ts';
import { askNetwork, NETWORK_MS, type NetworkFacts } from './network.ts';

export interface Facts {
  environment: Environment;
  resolved: Resolved;
  app: AppPackage;
  node: { version: string; needs: readonly NodeNeed[] };
  /** Of 1,000 trace ids, evenly spread; undefined when the sampler cannot be loaded. */
  kept: number | undefined;
  /** The packages for the protocol grpc can be found. */
  grpcPackages: boolean;
  /** Node tries the addresses of a name one after the other. */
  triesAllAddresses: boolean;
  container: 'docker' | 'kubernetes' | undefined;
  /** Undefined when nothing is sent by OTLP. */
  network: NetworkFacts | undefined;
}

/** What the `engines` of a package ask of Node. */
export interface NodeNeed {
  name: string;
  range: string;
}

export interface World {
  environment: Environment;
  cwd: string;
  nodeVersion: string;
  lookupHost: LookupHost;
  networkMs: number;
  container(environment: Environment): Facts['container'];
}

export function thisWorld(environment: Environment): World {
  return {
    environment,
    cwd: process.cwd(),
    nodeVersion: process.versions.node,
    lookupHost,
    networkMs: timeLeft(),
    container,
  };
}

function container({ variables }: Environment): Facts['container'] {
  if (variables.KUBERNETES_SERVICE_HOST !== undefined) return 'kubernetes';
  return existsSync('/.dockerenv') ? 'docker' : undefined;
}

/** The whole command is to take under three seconds, its start on a busy machine included. */
function timeLeft(): number {
  return Math.max(NETWORK_MS / 2, Math.min(NETWORK_MS, 2_400 - performance.now()));
}

export async function gatherFacts(world: World): Promise<Facts> {
  const { environment, cwd, nodeVersion } = world;
  const app = readAppPackage(cwd);
  const resolved = resolveEnvironment(environment, app);
  const { settings, usable } = resolved;
  const asked = settings.enabled && usable && settings.exporter === 'otlp';
  const [network, kept] = await Promise.all([
    asked ? askNetwork(settings, world.lookupHost, world.networkMs) : undefined,
    askSampler(resolved),
  ]);
  return {
    environment,
    resolved,
    app,
    node: { version: nodeVersion, needs: nodeNeeds() },
    kept,
    grpcPackages: ['@opentelemetry/exporter-trace-otlp-grpc', '@grpc/grpc-js'].every(isInstalled),
    triesAllAddresses: getDefaultAutoSelectFamily(),
    container: world.container(environment),
    network,
  };
}

export const SAMPLED_IDS = 1_000;

/** The sampler itself is asked, and not the settings: what it says is what happens. */
async function askSampler({ settings }: Resolved): Promise<number | undefined> {
  try {
    const [{ createHeadSampler }, { ROOT_CONTEXT, SpanKind }] = await Promise.all([
      import('../../sampling/head-sampler.ts'),
      import('@opentelemetry/api'),
    ]);
    const sampler = createHeadSampler(settings.sampler, settings.sampleRatio);
    let kept = 0;
    for (let index = 0; index < SAMPLED_IDS; index++) {
      const { decision } = sampler.shouldSample(ROOT_CONTEXT, spreadId(index), 'GET /', SpanKind.SERVER, {}, []);
      if (decision === 2) kept++;
    }
    return kept;
  } catch {
    return undefined; // On a Node that is too old for it, of which another check tells.
  }
}

/** Evenly spread, so that the same settings always give the same answer. The last 7 bytes are the randomness of an id. */
function spreadId(index: number): string {
  const randomness = ((2n * BigInt(index) + 1n) << 56n) / BigInt(2 * SAMPLED_IDS);
  return `${'5'.repeat(18)}${randomness.toString(16).padStart(14, '0')}`;
}

const require = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const LOADED = ['sdk-trace', 'core', 'resources', 'instrumentation', 'otlp-transformer'];

function nodeNeeds(): NodeNeed[] {
  const own = { name: 'keeptrace', range: '>=22.15.0' };
  return [own, ...LOADED.flatMap((short) => needOf(`@opentelemetry/${short}`) ?? [])];
}

/** Few packages let their package.json be required, so it is looked for above their entry. */
function needOf(name: string): NodeNeed | undefined {
  try {
    for (let at = dirname(require.resolve(name)); dirname(at) !== at; at = dirname(at)) {
      const file = join(at, 'package.json');
      const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {};
      if (found.name === name)
        return found.engines?.node === undefined ? undefined : { name, range: found.engines.node };
    }
  } catch {
    // It is not installed, which is another matter.
  }
  return undefined;
}

interface Manifest {
  name?: string;
  engines?: { node?: string };
}
