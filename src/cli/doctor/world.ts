// What the doctor needs of the world around it, so that a test can be another world.
import { existsSync } from 'node:fs';
import type { Environment } from '../environment.ts';
import { type LookupHost, lookupHost } from './addresses.ts';
import { type Installed, installed } from './installed.ts';
import { NETWORK_MS } from './network.ts';

export type Container = 'docker' | 'kubernetes' | undefined;

export interface World {
  environment: Environment;
  cwd: string;
  nodeVersion: string;
  lookupHost: LookupHost;
  networkMs: number;
  container: Container;
  installed(name: string): Installed | undefined;
}

export function thisWorld(environment: Environment): World {
  return {
    environment,
    cwd: process.cwd(),
    nodeVersion: process.versions.node,
    lookupHost,
    networkMs: timeLeft(),
    container: container(environment),
    installed,
  };
}

function container({ variables }: Environment): Container {
  if (variables.KUBERNETES_SERVICE_HOST !== undefined) return 'kubernetes';
  return existsSync('/.dockerenv') ? 'docker' : undefined;
}

/** The whole command is to take under three seconds, its start on a busy machine included. */
function timeLeft(): number {
  return Math.max(NETWORK_MS / 2, Math.min(NETWORK_MS, 2_400 - performance.now()));
}
