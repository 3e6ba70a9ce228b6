import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { createResource, type ResourceSettings } from '../../src/provider/resource.ts';

const settings: ResourceSettings = {
  serviceName: 'checkout',
  serviceVersion: '1.2.3',
  environment: 'production',
  resourceAttributes: { team: 'payments' },
  resourceDetectors: ['host', 'os', 'process', 'serviceinstance'],
};

test('the resource says which service, version, environment, host and process this is', () => {
  const { attributes } = createResource(settings);
  expect(attributes).toMatchObject({
    'service.name': 'checkout',
    'service.version': '1.2.3',
    'deployment.environment.name': 'production',
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'host.name': hostname(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'telemetry.distro.name': 'keeptrace',
    'telemetry.sdk.language': 'nodejs',
    team: 'payments',
  });
});

test('neither the command line nor the user leaves the process', () => {
  const keys = Object.keys(createResource(settings).attributes);
  expect(keys.filter((key) => /command|owner|executable\.path/.test(key))).toEqual([]);
});

test('what the user says wins over what was detected', () => {
  const { attributes } = createResource({ ...settings, resourceAttributes: { 'host.name': 'blade-7' } });
  expect(attributes['host.name']).toBe('blade-7');
});

test('without detectors the service keeps its name', () => {
  const { attributes } = createResource({ ...settings, resourceDetectors: [] });
  expect(attributes['service.name']).toBe('checkout');
  expect(attributes).not.toHaveProperty('host.name');
  expect(attributes).not.toHaveProperty('service.instance.id');
});

test('each process has an instance id of its own', () => {
  const id = () => createResource(settings).attributes['service.instance.id'];
  expect(id()).not.toBe(id());
});
