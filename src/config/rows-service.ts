// Settings that say who the service is.
import * as z from 'zod/mini';
import { readPairs } from './pairs.ts';
import type { Row } from './row.ts';
import { booleanRow, choiceListRow, textRow } from './row-kinds.ts';

const RESOURCE = 'OTEL_RESOURCE_ATTRIBUTES';

const resourceAttributes: Row<Record<string, string>> = {
  option: 'resourceAttributes',
  env: [RESOURCE],
  secret: true,
  about: 'Further attributes of the resource, each on every span. Options are laid over variables, key by key.',
  example: 'team=payments,deployment.environment.name=staging',
  schema: z.record(z.string().check(z.minLength(1)), z.string()),
  fallback: {},
  defaultText: 'none',
  expected: 'key=value pairs separated by commas, with , = and % inside a value written %2C %3D and %25',
  expectedInCode: 'an object whose values are texts',
  format: (value) => Object.keys(value).join(',') || 'none',
  read: (raw) => readPairs(raw, 'attribute'),
};

export const serviceRows = {
  enabled: booleanRow({
    option: 'enabled',
    env: ['OTEL_SDK_DISABLED'],
    inverted: true,
    fallback: true,
    defaultText: '`false` (the option: `true`)',
    about: 'Switches tracing off altogether. The variable says disabled, the option says enabled.',
    example: 'true',
  }),
  serviceName: textRow({
    option: 'serviceName',
    env: ['OTEL_SERVICE_NAME'],
    fallback: 'unknown_service:node',
    defaultText: '`service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else the name in package.json (with a warning)',
    about: 'The name under which the service shows in the backend.',
    example: 'checkout',
  }),
  serviceVersion: textRow({
    option: 'serviceVersion',
    env: [],
    fallback: undefined,
    defaultText: '`service.version` of `OTEL_RESOURCE_ATTRIBUTES`, else the version in package.json',
    about: 'The version of the service.',
    example: '1.4.0',
  }),
  environment: textRow({
    option: 'environment',
    env: [],
    fallback: undefined,
    defaultText: '`deployment.environment.name` of `OTEL_RESOURCE_ATTRIBUTES`, else `NODE_ENV`',
    about:
      'The deployment environment. `production` or `prod`, here or in `NODE_ENV`, lowers the default of `sampleRatio` to 0.1.',
    example: 'production',
  }),
  resourceAttributes,
  resourceDetectors: choiceListRow({
    option: 'resourceDetectors',
    env: ['OTEL_NODE_RESOURCE_DETECTORS'],
    choices: ['env', 'host', 'os', 'process', 'serviceinstance', 'service', 'all'],
    aliases: { instance: 'serviceinstance', service_instance: 'serviceinstance', hostname: 'host' },
    unsupported: Object.fromEntries(
      ['container', 'alibaba', 'aws', 'azure', 'gcp'].map((name) => [name, 'a detector that keeptrace does not ship']),
    ),
    fallback: ['env', 'host', 'os', 'process', 'serviceinstance'],
    about:
      'Which parts of the resource are filled in by looking around. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count with every list, `none` included.',
    example: 'env,host,serviceinstance',
  }),
};
