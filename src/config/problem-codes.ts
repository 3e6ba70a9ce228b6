// Every code a problem can have, with what docs/errors.md says about it. Only the keys reach the running program.

interface Entry {
  meaning: string;
  cause: string;
  remedy: string;
}

export const problemCodes = {
  KT_NOT_A_NUMBER: {
    meaning: 'A number was expected and the text is none.',
    cause: 'A unit (`5s`), a percent sign, a decimal comma or another text.',
    remedy: 'Write a bare number in the unit that the message names, `0.1` for 10 %.',
  },
  KT_OUT_OF_RANGE: {
    meaning: 'The number is outside the bounds of the setting.',
    cause: 'A typing error, or a value such as 0 that would make the setting useless.',
    remedy: 'Write a number inside the bounds that the message names.',
  },
  KT_UNKNOWN_VALUE: {
    meaning: 'The value, or one entry of the list, is not one of those that exist.',
    cause:
      'A typing error, a name from another product, or `1` and `yes` for a boolean: the specification knows only `true` and `false`.',
    remedy: 'Write one of the values that the message lists. Capitals do not matter.',
  },
  KT_UNSUPPORTED: {
    meaning: 'The value exists in OpenTelemetry, but keeptrace does not have it.',
    cause: 'A setting taken over from another language or distribution.',
    remedy: 'Write one of the values that the message lists.',
  },
  KT_BAD_ENTRY: {
    meaning: 'One entry of a list cannot be used.',
    cause: 'A missing `=`, a comma inside a value, a path without `/`, a name where an address belongs.',
    remedy:
      'Correct the entry; the others are used already. Of resource attributes only keys are printed, and entries are counted from 1.',
  },
  KT_BAD_PATH: {
    meaning: 'The path does not say where it begins.',
    cause: 'A path relative to the working folder, `~`, or a word such as `true`.',
    remedy: 'Write the whole path, `/var/spool/keeptrace`.',
  },
  KT_BAD_HEADER: {
    meaning: 'A header cannot be sent as it stands, or other SDKs would send it differently.',
    cause:
      'A line break in a secret, a `;` that is not written `%3B`, an entry without `=`, a name that belongs to the exporter.',
    remedy:
      'Write `name=value` pairs with `,` `;` and `%` as `%2C` `%3B` and `%25`. A value is never printed, so entries are counted from 1.',
  },
  KT_BAD_ESCAPE: {
    meaning: 'A `%` is not followed by two hexadecimal digits.',
    cause: 'A literal percent sign.',
    remedy: 'Write it `%25`. Until then the text is used as it stands.',
  },
  KT_QUOTED_VALUE: {
    meaning: 'The value stands in quotes.',
    cause: '`docker --env-file` and some service managers do not take quotes off.',
    remedy: 'Leave the quotes out.',
  },
  KT_WRONG_OPTION: {
    meaning: 'An option given in code has the wrong type or value.',
    cause: 'A typing error in plain JavaScript, or a value read from somewhere and not converted.',
    remedy: 'Correct it as the message says: `initTracing` throws a `ConfigError` that lists all of them.',
  },
  KT_UNKNOWN_OPTION: {
    meaning: 'There is no option of this name.',
    cause: 'A typing error in plain JavaScript.',
    remedy: 'Use the name that the message proposes, or take the option out.',
  },
  KT_UNKNOWN_VARIABLE: {
    meaning: 'A variable begins with `OTEL_` or `KEEPTRACE_` and nothing reads it.',
    cause: 'A typing error, or small letters.',
    remedy: 'Use the name that the message proposes, or unset the variable.',
  },
  KT_NO_EFFECT: {
    meaning: 'The setting is understood and changes nothing.',
    cause: 'Another setting overrules it, or it belongs to a part that keeptrace does not have.',
    remedy: 'Do as the message says, or unset it.',
  },
  KT_SERVICE_NAME_GUESSED: {
    meaning: 'The service has no name of its own, so the one in package.json is used.',
    cause: '`OTEL_SERVICE_NAME` is not set.',
    remedy: 'Set it. Services in one repository often share a package name.',
  },
  KT_SERVICE_NAME_MISSING: {
    meaning: 'The service has no name at all.',
    cause: '`OTEL_SERVICE_NAME` is not set and no package.json was found.',
    remedy: 'Set it; the service is called `unknown_service:node` until then.',
  },
  KT_DETECTORS_WITHOUT_ENV: {
    meaning: 'The list of detectors leaves out `env`.',
    cause: '`OTEL_NODE_RESOURCE_DETECTORS=none`, or a list of others. The official SDK then loses the service name.',
    remedy: 'Nothing has to be done for keeptrace, which keeps it. Add `env` to be understood alike everywhere.',
  },
  KT_BATCH_OVER_QUEUE: {
    meaning: 'A batch is larger than the queue that fills it.',
    cause: 'Only one of the two was changed.',
    remedy: 'Raise `OTEL_BSP_MAX_QUEUE_SIZE` or lower `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.',
  },
  KT_ENDPOINT_NO_SCHEME: {
    meaning: 'The endpoint does not begin with `http://` or `https://`.',
    cause: '`localhost:4318`: valid for gRPC, not for HTTP.',
    remedy: 'Write the scheme. Until then `http://` is assumed, for port 443 `https://`.',
  },
  KT_ENDPOINT_REPAIRED: {
    meaning: 'The endpoint has a mistake whose meaning is certain.',
    cause: 'A missing or third slash, backslashes, a `#`.',
    remedy: 'Write the line that the message gives.',
  },
  KT_ENDPOINT_INVALID: {
    meaning: 'The endpoint is no address to which spans can be sent.',
    cause: 'Another scheme, no host, a bad port, a placeholder that nothing filled in, two addresses.',
    remedy:
      'Write one `http://` or `https://` address. Tracing is off until then; keeptrace never sends to localhost instead.',
  },
  KT_ENDPOINT_PATH: {
    meaning: 'The path of the endpoint does not fit.',
    cause:
      '`/v1/traces` in the variable to which it is added, or none in the one that is used as it is; a path with gRPC; the path of another signal.',
    remedy: 'Write the line that the message gives.',
  },
  KT_ENDPOINT_PORT: {
    meaning: 'The port usually speaks another protocol.',
    cause: '4317 is for gRPC and 4318 for HTTP; others belong to other products.',
    remedy:
      'Change the port or `OTEL_EXPORTER_OTLP_PROTOCOL`. Nothing is changed by itself, since a port can be mapped.',
  },
  KT_ENDPOINT_REFUSED: {
    meaning: 'The endpoint is a link-local or cloud-metadata address.',
    cause: 'An attempt to reach a metadata service through a setting, or a mistake.',
    remedy:
      'Write the address of a collector. `KEEPTRACE_ALLOW_UNSAFE_ENDPOINT=true` if it is meant. Tracing is off until then.',
  },
  KT_ENDPOINT_CREDENTIALS: {
    meaning: 'The endpoint contains a user name or a password.',
    cause: '`https://user:password@host`.',
    remedy:
      'Put them into `OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20…`, base64 of `user:password`. Tracing is off until then.',
  },
  KT_ENDPOINT_CLEARTEXT: {
    meaning: 'Credentials would travel unencrypted to another machine.',
    cause:
      'An `authorization` or key header, or a key in the query, with an `http://` endpoint that is not on this machine.',
    remedy:
      'Use `https://`, or `KEEPTRACE_ALLOW_UNSAFE_ENDPOINT=true` inside a network that you trust. Tracing is off until then.',
  },
  KT_LOG_PROJECT: {
    meaning: 'Log lines with the names of Google Cloud have to name the project.',
    cause:
      '`KEEPTRACE_LOG_CORRELATION=google` outside App Engine and Cloud Functions, which set the variable by themselves.',
    remedy:
      'Set `GOOGLE_CLOUD_PROJECT`. Until then lines carry the id of the trace alone, which Google Cloud does not join.',
  },
  KT_TLS_FILE: {
    meaning: 'A certificate or key file cannot be read, or TLS cannot use what is in it.',
    cause:
      'A wrong path, a missing mount, missing rights; DER instead of PEM, a key where a certificate belongs, a key with a passphrase, a certificate of another key.',
    remedy: 'Correct the path or the file. Tracing is off until then, since other certificates were not asked for.',
  },
  KT_TLS_PAIR: {
    meaning: 'Only one half of a client certificate is set.',
    cause: 'The key without the certificate, or the other way round.',
    remedy: 'Set both.',
  },
  KT_TLS_UNCHECKED: {
    meaning: 'Certificates are not checked in this process.',
    cause: '`NODE_TLS_REJECT_UNAUTHORIZED=0`.',
    remedy: 'Name the certificate authority in `OTEL_EXPORTER_OTLP_CERTIFICATE` and unset it.',
  },
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof problemCodes;
