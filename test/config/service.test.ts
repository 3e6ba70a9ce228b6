import { describe, expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

const packageJson = { name: 'from-package', version: '1.2.3' };
const resolve = (
  env: Record<string, string>,
  options?: TracingOptions,
  pkg: { name?: string } | undefined = packageJson,
) => resolveSettings({ env, options, packageJson: pkg });

describe('service name', () => {
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,team=a' };
  const rows: [env: Record<string, string>, options: TracingOptions, name: string, origin: string][] = [
    [{ OTEL_SERVICE_NAME: 'from-env', ...attributes }, { serviceName: 'from-code' }, 'from-code', 'serviceName'],
    [{ OTEL_SERVICE_NAME: 'from-env', ...attributes }, {}, 'from-env', 'OTEL_SERVICE_NAME'],
    [{ OTEL_SERVICE_NAME: ' ', ...attributes }, {}, 'from-attributes', 'OTEL_RESOURCE_ATTRIBUTES'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=%20' }, {}, 'from-package', 'package.json'],
    [attributes, { resourceAttributes: { 'service.name': 'in-code' } }, 'in-code', 'resourceAttributes'],
    [{}, {}, 'from-package', 'package.json'],
  ];

  test.each(rows)('%j %j', (env, options, name, origin) => {
    const { settings, origins } = resolve(env, options);
    expect(settings.serviceName).toBe(name);
    expect(origins.serviceName!.name).toBe(origin);
    expect(settings.resourceAttributes).not.toHaveProperty(['service.name']);
  });

  test('guessed from package.json, it comes with a warning and the line to write', () => {
    const { problems } = resolve({});
    expect(problems).toMatchObject([{ code: 'KT_SERVICE_NAME_GUESSED', severity: 'warning' }]);
    expect(problems[0]!.message).toContain('Write: OTEL_SERVICE_NAME=from-package');
  });

  test('without any, it is unknown_service:node and that is told', () => {
    const { settings, problems } = resolve({}, {}, {});
    expect(settings.serviceName).toBe('unknown_service:node');
    expect(problems).toMatchObject([{ code: 'KT_SERVICE_NAME_MISSING' }]);
  });
});

test('version and environment come from attributes before package.json and NODE_ENV', () => {
  const env = {
    OTEL_SERVICE_NAME: 'shop',
    NODE_ENV: 'test',
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=9,deployment.environment.name=staging,team=a',
  };
  const { settings, origins } = resolve(env);
  expect(settings).toMatchObject({ serviceVersion: '9', environment: 'staging', resourceAttributes: { team: 'a' } });
  expect(origins.environment).toEqual({ kind: 'env', name: 'OTEL_RESOURCE_ATTRIBUTES' });
  const bare = resolve({ OTEL_SERVICE_NAME: 'shop', NODE_ENV: 'test' });
  expect(bare.settings).toMatchObject({ serviceVersion: '1.2.3', environment: 'test' });
  expect(bare.origins).toMatchObject({ environment: { name: 'NODE_ENV' }, serviceVersion: { kind: 'package.json' } });
});

test('the old attribute deployment.environment counts as the environment', () => {
  const { settings } = resolve({ OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod' });
  expect(settings).toMatchObject({ environment: 'prod', production: true, sampleRatio: 0.1 });
});

describe('OTEL_NODE_RESOURCE_DETECTORS', () => {
  test.each(['none', 'host,os'])('%s keeps the service name, and says what other SDKs do', (list) => {
    const { settings, problems } = resolve({ OTEL_SERVICE_NAME: 'shop', OTEL_NODE_RESOURCE_DETECTORS: list });
    expect(settings.serviceName).toBe('shop');
    expect(settings.resourceDetectors).toEqual(list === 'none' ? [] : ['host', 'os']);
    expect(problems).toMatchObject([{ code: 'KT_DETECTORS_WITHOUT_ENV' }]);
    expect(problems[0]!.message).toMatch(/lose OTEL_SERVICE_NAME\..* Write: OTEL_NODE_RESOURCE_DETECTORS=env/);
  });

  test('none says nothing when nothing could be lost', () => {
    expect(resolve({ OTEL_NODE_RESOURCE_DETECTORS: 'none' }, { serviceName: 'shop' }).problems).toEqual([]);
  });
});

test('one bad resource attribute leaves the others', () => {
  const { settings, problems } = resolve({ OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'a=b,c,d=e' });
  expect(settings.resourceAttributes).toEqual({ a: 'b', d: 'e' });
  expect(problems).toMatchObject([{ code: 'KT_BAD_ENTRY' }]);
  expect(problems[0]!.message).toContain('Now: resourceAttributes are a,d.');
});
