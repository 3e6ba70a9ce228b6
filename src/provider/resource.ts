// Owns the resource: what is said once about this process and repeated with every batch.
import { randomUUID } from 'node:crypto';
import { arch, hostname, platform, release } from 'node:os';
import { basename } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
} from '@opentelemetry/semantic-conventions';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_HOST_ARCH,
  ATTR_HOST_NAME,
  ATTR_OS_TYPE,
  ATTR_OS_VERSION,
  ATTR_PROCESS_EXECUTABLE_NAME,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_RUNTIME_VERSION,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_THREAD_ID,
} from '@opentelemetry/semantic-conventions/incubating';

export interface ResourceSettings {
  serviceName: string;
  serviceVersion: string | undefined;
  environment: string | undefined;
  resourceAttributes: Record<string, string>;
  resourceDetectors: string[];
}

type Attributes = Record<string, string | number>;

/**
 * Each detector's part. The official `process` and `host` detectors are not used: they export the command line
 * (`--db-password=…`) and the user's name, and start a child process for the machine id.
 */
const parts: Record<string, () => Attributes> = {
  host: () => ({ [ATTR_HOST_NAME]: hostname(), [ATTR_HOST_ARCH]: semconvArch() }),
  os: () => ({ [ATTR_OS_TYPE]: semconvOsType(), [ATTR_OS_VERSION]: release() }),
  process: () => ({
    [ATTR_PROCESS_PID]: process.pid,
    [ATTR_PROCESS_EXECUTABLE_NAME]: basename(process.execPath),
    [ATTR_PROCESS_RUNTIME_NAME]: 'nodejs',
    [ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
    ...(isMainThread ? {} : { [ATTR_THREAD_ID]: threadId }),
  }),
  serviceinstance: () => ({ [ATTR_SERVICE_INSTANCE_ID]: randomUUID() }),
};

/** Detected parts first, so that what the user says wins (R4). */
export function createResource(settings: ResourceSettings): Resource {
  const detected: Attributes = {};
  for (const [name, detect] of Object.entries(parts)) {
    if (!settings.resourceDetectors.includes(name)) continue;
    try {
      Object.assign(detected, detect());
    } catch {
      // os.hostname() can fail in a locked-down container: a resource without it is better than no traces.
    }
  }
  const attributes: Attributes = {
    ...detected,
    ...settings.resourceAttributes,
    [ATTR_SERVICE_NAME]: settings.serviceName,
    [ATTR_TELEMETRY_DISTRO_NAME]: 'keeptrace',
    [ATTR_TELEMETRY_DISTRO_VERSION]: __VERSION__,
  };
  if (settings.serviceVersion !== undefined) attributes[ATTR_SERVICE_VERSION] = settings.serviceVersion;
  if (settings.environment !== undefined) attributes[ATTR_DEPLOYMENT_ENVIRONMENT_NAME] = settings.environment;
  return defaultResource().merge(resourceFromAttributes(attributes));
}

/** Well-known values of `host.arch` and `os.type`; Node's own names differ for some. */
function semconvArch(): string {
  const names: Record<string, string> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };
  return names[arch()] ?? arch();
}

function semconvOsType(): string {
  const names: Record<string, string> = { win32: 'windows', sunos: 'solaris' };
  return names[platform()] ?? platform();
}
