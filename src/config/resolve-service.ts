// Name, version and environment of the service, and what else describes it.
import type { Picker } from './picker.ts';
import type { Origin } from './problems.ts';
import { serviceRows as rows } from './rows-service.ts';
import { assignment, printable, toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

export type ServiceSettings = Pick<
  Settings,
  'serviceName' | 'serviceVersion' | 'environment' | 'production' | 'resourceAttributes' | 'resourceDetectors'
>;

const RESOURCE: Origin = { kind: 'env', name: 'OTEL_RESOURCE_ATTRIBUTES' };
const isProduction = (name: string | undefined): boolean => name !== undefined && /^prod(?:uction)?$/i.test(name);

export function resolveService(picker: Picker, packageJson: { name?: string; version?: string } = {}): ServiceSettings {
  const { env, origins } = picker;
  const fromEnv = rows.resourceAttributes.read(env.text(RESOURCE.name) ?? '').value ?? {};
  const attributes = picker.layer(rows.resourceAttributes);

  /** Option, then attribute, then what else is known. */
  const choose = <T extends string | undefined>(
    option: string,
    picked: T,
    keys: readonly string[],
    rest: [string | undefined, Origin],
  ): string | T => {
    if (origins[option]?.kind !== 'default') return picked;
    const key = keys.find((name) => attributes[name]?.trim());
    if (key) {
      origins[option] =
        Object.hasOwn(fromEnv, key) && fromEnv[key] === attributes[key]
          ? RESOURCE
          : { kind: 'code', name: 'resourceAttributes' };
      return attributes[key]!.trim();
    }
    if (!rest[0]) return picked;
    origins[option] = rest[1];
    return rest[0];
  };

  const fromPackage = { kind: 'package.json', name: 'package.json' } as const;
  const nodeEnv = env.text('NODE_ENV');
  const serviceName = choose(
    'serviceName',
    picker.pick(rows.serviceName),
    ['service.name'],
    [packageJson.name?.trim(), fromPackage],
  );
  const serviceVersion = choose(
    'serviceVersion',
    picker.pick(rows.serviceVersion),
    ['service.version'],
    [packageJson.version?.trim(), fromPackage],
  );
  const environment = choose(
    'environment',
    picker.pick(rows.environment),
    ['deployment.environment.name', 'deployment.environment'],
    [nodeEnv, { kind: 'env', name: 'NODE_ENV' }],
  );
  const {
    'service.name': _name,
    'service.version': _version,
    'deployment.environment.name': _environment,
    ...rest
  } = attributes;
  complainAboutName(picker, serviceName);
  return {
    serviceName,
    serviceVersion,
    environment,
    production: isProduction(environment) || isProduction(nodeEnv),
    resourceAttributes: rest,
    resourceDetectors: resolveDetectors(picker, serviceName),
  };
}

function complainAboutName({ origins, problems }: Picker, serviceName: string): void {
  const kind = origins.serviceName?.kind;
  if (kind !== 'package.json' && kind !== 'default') return;
  const guessed = kind === 'package.json';
  problems.push(
    toProblem({
      code: guessed ? 'KT_SERVICE_NAME_GUESSED' : 'KT_SERVICE_NAME_MISSING',
      origin: { kind: 'env', name: 'OTEL_SERVICE_NAME' },
      why: guessed ? 'is not set, so the name is guessed' : 'is not set and no package.json gives a name',
      expected: 'the name of this service',
      now: `the service is called ${printable(serviceName)}${guessed ? ', after package.json' : ''}`,
      write: `OTEL_SERVICE_NAME=${guessed ? printable(serviceName) : 'checkout'}`,
    }),
  );
}

const EVERY = ['env', 'host', 'os', 'process', 'serviceinstance'];

function resolveDetectors(picker: Picker, serviceName: string): string[] {
  const names = picker.pick(rows.resourceDetectors);
  const { env, origins, problems } = picker;
  const expanded = names.flatMap((name) =>
    name === 'all' ? EVERY : name === 'service' ? ['env', 'serviceinstance'] : [name],
  );
  const origin = origins.resourceDetectors!;
  const named = ['OTEL_SERVICE_NAME', RESOURCE.name].filter((name) => env.text(name) !== undefined);
  if (origin.kind === 'env' && !expanded.includes('env') && named.length > 0) {
    problems.push(
      toProblem({
        code: 'KT_DETECTORS_WITHOUT_ENV',
        origin,
        shown: printable(names.join(',') || 'none'),
        why: `leaves out env, without which other OpenTelemetry SDKs lose ${named.join(' and ')}`,
        now: `keeptrace reads them all the same, the service is called ${printable(serviceName)}`,
        write: assignment(origin, ['env', ...expanded].join(',')),
      }),
    );
  }
  return [...new Set(expanded)];
}
