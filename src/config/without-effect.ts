// Variables of the specification that do nothing here, each with what to do instead.
import type { Settings } from './settings.ts';

export interface VariableWithoutEffect {
  name: string;
  why: string;
  now: string;
  write: string;
  /** Complain only then. `value` is in lower case. */
  when?: (value: string, settings: Settings) => boolean;
}

const signal = (name: string): VariableWithoutEffect => ({
  name: `OTEL_${name.toUpperCase()}_EXPORTER`,
  why: `asks for ${name}, which keeptrace does not export`,
  now: 'traces only',
  write: `OTEL_${name.toUpperCase()}_EXPORTER=none`,
  when: (value) => value !== 'none',
});

const configFile = (name: string): VariableWithoutEffect => ({
  name,
  why: 'names a declarative configuration file, which keeptrace does not read',
  now: 'options and environment variables count, nothing of the file does',
  write: `the settings as variables of docs/configuration.md, and unset ${name}`,
});

const insecure = (name: string): VariableWithoutEffect => ({
  name,
  why: 'has an effect with grpc only: for HTTP the scheme of the endpoint decides',
  now: 'it is ignored, certificates are checked',
  write:
    'OTEL_EXPORTER_OTLP_CERTIFICATE=/path/to/ca.pem for a private certificate authority, http:// for no encryption',
  when: (value, { protocol }) => value === 'true' && protocol !== 'grpc',
});

export const variablesWithoutEffect: readonly VariableWithoutEffect[] = [
  configFile('OTEL_CONFIG_FILE'),
  configFile('OTEL_EXPERIMENTAL_CONFIG_FILE'),
  {
    name: 'OTEL_SEMCONV_STABILITY_OPT_IN',
    why: 'has no effect: the old names of HTTP and database attributes no longer exist',
    now: 'attributes have their stable names',
    write: 'nothing, unset OTEL_SEMCONV_STABILITY_OPT_IN',
  },
  signal('metrics'),
  signal('logs'),
  {
    name: 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS',
    why: 'asks for metrics about the SDK, which keeptrace does not export',
    now: 'traces only',
    write: 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS=false',
    when: (value) => value !== 'false',
  },
  insecure('OTEL_EXPORTER_OTLP_TRACES_INSECURE'),
  insecure('OTEL_EXPORTER_OTLP_INSECURE'),
  {
    name: 'OTEL_ENTITIES',
    why: 'has no effect: entities are not part of the JavaScript SDK',
    now: 'it is ignored',
    write: 'OTEL_RESOURCE_ATTRIBUTES=key=value',
  },
];
