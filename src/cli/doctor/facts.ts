// Everything the checks look at, gathered beforehand: settings, package.json, the Node at hand, and the network.
import { getDefaultAutoSelectFamily } from 'node:net';
import type { Resolved } from '../../config/resolve.ts';
import { type AppPackage, readAppPackage } from '../app-package.ts';
import { type Environment, resolveEnvironment } from '../environment.ts';
import { askSampler } from './ask-sampler.ts';
import { askNetwork, type NetworkFacts } from './network.ts';
import type { Container, World } from './world.ts';

export interface Facts {
  environment: Environment;
  resolved: Resolved;
  app: AppPackage;
  node: { version: string; needs: readonly NodeNeed[] };
  /** Version of the `@opentelemetry/api` that keeptrace would load; undefined when there is none. */
  api: string | undefined;
  /** Of 1,000 trace ids, evenly spread; undefined when the sampler cannot be loaded. */
  kept: number | undefined;
  /** The packages for the protocol grpc can be found. */
  grpcPackages: boolean;
  /** Node tries the addresses of a name one after the other. */
  triesAllAddresses: boolean;
  container: Container;
  /** Undefined when nothing is sent by OTLP. */
  network: NetworkFacts | undefined;
}

/** What the `engines` of a package ask of Node. */
export interface NodeNeed {
  name: string;
  range: string;
}

export async function gatherFacts(world: World): Promise<Facts> {
  const { environment, cwd, nodeVersion, container, installed } = world;
  const app = readAppPackage(cwd);
  const resolved = resolveEnvironment(environment, app);
  const { settings, usable } = resolved;
  const asked = settings.enabled && usable && settings.exporter === 'otlp';
  const [network, kept] = await Promise.all([
    asked ? askNetwork(settings, world.lookupHost, world.networkMs) : undefined,
    askSampler(settings),
  ]);
  return {
    environment,
    resolved,
    app,
    node: { version: nodeVersion, needs: nodeNeeds(installed) },
    api: installed('@opentelemetry/api')?.version,
    kept,
    grpcPackages: GRPC.every((name) => installed(name) !== undefined),
    triesAllAddresses: getDefaultAutoSelectFamily(),
    container,
    network,
  };
}

const GRPC = ['@opentelemetry/exporter-trace-otlp-grpc', '@grpc/grpc-js'];
const LOADED = ['sdk-trace', 'core', 'resources', 'instrumentation', 'otlp-transformer'];

function nodeNeeds(installed: World['installed']): NodeNeed[] {
  const own = { name: 'keeptrace', range: '>=22.15.0' };
  const others = LOADED.map((short) => {
    const name = `@opentelemetry/${short}`;
    return { name, range: installed(name)?.node ?? '*' };
  });
  return [own, ...others];
}
