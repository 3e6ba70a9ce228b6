// What the documentation says of the codes about settings and the machine: what can be told without a request.
import type { Explanation } from './explanation.ts';

export const settingExplanations = {
  ENDPOINT_SCHEME: {
    meaning: 'The endpoint does not begin with http:// or https://, or is no address.',
    how: '`localhost:4318`, another scheme, a missing host, a placeholder that nothing filled in. A warning where the meaning is certain and keeptrace has repaired it.',
    fix: '`OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`',
  },
  HEADERS_SYNTAX: {
    meaning: 'A header cannot be read from its variable, or would be sent otherwise than meant.',
    how: 'A missing `=`, a space in a name, a stray `%`, a line break in a value, or `authorization` without a scheme such as `Bearer` before the key. Entries are counted from 1, values are never printed. A warning while the other headers are sent.',
    fix: '`OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20YOUR_KEY`',
  },
  SDK_DISABLED: {
    meaning: 'Tracing is switched off.',
    how: '`OTEL_SDK_DISABLED` is `true`, in any capitals.',
    fix: '`unset OTEL_SDK_DISABLED`',
  },
  EXPORTER_NONE: {
    meaning: 'Spans are not sent to an endpoint.',
    how: '`OTEL_TRACES_EXPORTER` is `none`; a warning for `console`, and for a name that keeptrace does not have and replaces by `otlp`.',
    fix: '`OTEL_TRACES_EXPORTER=otlp`',
  },
  SAMPLER_DROPS: {
    meaning: 'The sampler keeps no trace, or not the share that was meant.',
    how: 'The sampler is asked for 1,000 trace ids. A warning where errors and slow requests are still kept, and for an argument that is no ratio: `OTEL_TRACES_SAMPLER_ARG=5` is not 5 %.',
    fix: '`OTEL_TRACES_SAMPLER_ARG=0.1` for 10 %',
  },
  TWO_AGENTS: {
    meaning: 'A second tracing agent is loaded into the same process.',
    how: 'It is in `NODE_OPTIONS` or in a script of package.json, or was seen when the application ran. Two agents wrap the same functions, and the first takes the OpenTelemetry API. A warning when it is only installed.',
    fix: 'Take one of the two out.',
  },
  SERVICE_NAME_MISSING: {
    meaning: 'The service has no name of its own.',
    how: '`OTEL_SERVICE_NAME` is not set: the name is taken from package.json, or is `unknown_service:node`, under which nobody will look for it.',
    fix: '`OTEL_SERVICE_NAME=checkout`',
  },
  NODE_VERSION: {
    meaning: 'This Node is older than what the OpenTelemetry packages need.',
    how: 'The version is compared with `engines` of keeptrace and of the packages it loads. The application runs untraced.',
    fix: 'Node 22.15 or newer; look at the one that the application is started with, too.',
  },
  GRPC_PACKAGES: {
    meaning: 'The protocol is grpc, and the packages for it are not installed.',
    how: 'They are optional: 20 packages that services with HTTP do not need.',
    fix: '`npm install @opentelemetry/exporter-trace-otlp-grpc@0.301 @grpc/grpc-js`',
  },
} as const satisfies Record<string, Explanation>;
