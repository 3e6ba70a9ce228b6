// What the documentation says of the codes about the way to the endpoint: what one request to it can tell.
import type { Explanation } from './explanation.ts';

export const endpointExplanations = {
  ENDPOINT_REFUSED: {
    meaning: 'Nobody can be reached where spans are sent to.',
    how: 'The connection is refused, has no route, or is closed without an answer: no collector is running there, it listens on another port or only inside its container, or a firewall is between.',
    fix: 'Start a collector, or see the traces on this machine with `npx keeptrace dev`; correct `OTEL_EXPORTER_OTLP_ENDPOINT`. In a container `localhost` is the container itself.',
  },
  ENDPOINT_DNS: {
    meaning: 'The host name of the endpoint does not resolve.',
    how: 'A typing error, the name of another network or namespace, or a DNS server that does not answer.',
    fix: 'Correct the host in `OTEL_EXPORTER_OTLP_ENDPOINT`; in Kubernetes write `http://collector.namespace:4318`.',
  },
  ENDPOINT_PATH: {
    meaning: 'The endpoint has no such path, or the path in the settings does not fit its variable.',
    how: 'Status 404 or 405. `/v1/traces` is added to `OTEL_EXPORTER_OTLP_ENDPOINT` and not to `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. A warning where keeptrace has repaired the path and spans are accepted: other SDKs would not.',
    fix: '`OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`, without `/v1/traces`.',
  },
  ENDPOINT_IS_GRPC: {
    meaning: 'The endpoint speaks gRPC, and spans are sent to it over HTTP/1.1.',
    how: 'The answer begins as HTTP/2 does. Collectors take gRPC on 4317 and HTTP on 4318.',
    fix: '`OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`, or `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`.',
  },
  PROTOCOL_PORT_MISMATCH: {
    meaning: 'The port belongs to another protocol than the one that is set.',
    how: 'gRPC to port 4318, HTTP to port 4317, or the port of another product, read from the settings alone. A warning where spans are accepted all the same: a port can be mapped.',
    fix: 'Change the port, or `OTEL_EXPORTER_OTLP_PROTOCOL`.',
  },
  ENDPOINT_TLS: {
    meaning: 'The endpoint and this process cannot agree on TLS.',
    how: 'https to a port without TLS, a certificate that nobody here trusts, an expired one, one for another name, or a client certificate that is missing. A warning where spans are accepted, but unsafely.',
    fix: '`OTEL_EXPORTER_OTLP_CERTIFICATE=/path/to/ca.pem` for a private authority, `http://` for a collector without TLS.',
  },
  ENDPOINT_AUTH: {
    meaning: 'The endpoint does not accept the key.',
    how: 'Status 401 or 403: the key is missing, wrong, of another region, or may not write traces. The finding names the headers that were sent, never a value.',
    fix: '`OTEL_EXPORTER_OTLP_HEADERS=x-api-key=YOUR_KEY`, with the header name that the documentation of the backend gives.',
  },
  ENDPOINT_NOT_OTLP: {
    meaning: 'Something answers, and it is no OTLP receiver.',
    how: 'A web page, or a status that refuses the smallest correct request: the port of another service, a load balancer, the user interface of the backend.',
    fix: 'Correct host, port and path in `OTEL_EXPORTER_OTLP_ENDPOINT`.',
  },
  ENDPOINT_REDIRECT: {
    meaning: 'The endpoint redirects, which is not followed.',
    how: 'Mostly from http to https. Headers may hold a key, so it is not handed to an address that the settings do not name.',
    fix: 'Name the final address in `OTEL_EXPORTER_OTLP_ENDPOINT`.',
  },
  ENDPOINT_HANG: {
    meaning: 'The endpoint does not answer.',
    how: 'No connection, or a connection and no answer, within 2 seconds: a firewall that drops packets, a collector that is stuck.',
    fix: 'Check the address and the firewall; look at the load and the log of the collector.',
  },
  ENDPOINT_SLOW: {
    meaning: 'The endpoint accepts spans, slowly.',
    how: 'It took over a second for a request without a single span. Under load batches will wait, and the queue may overflow.',
    fix: 'Use a collector nearby, or a nearer region of the backend.',
  },
  LOCALHOST_FAMILY: {
    meaning: 'The collector listens on another of the addresses that are meant by the name.',
    how: 'Each address of the host is tried by itself: `127.0.0.1` and `::1` are two addresses, and something listens on one of them only. Node tries both for a name, unless told not to.',
    fix: 'Write the address that answers: `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318`.',
  },
  PROXY: {
    meaning: 'There is a proxy for this address, and spans do not go through it.',
    how: '`HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` is set, `NO_PROXY` does not except the host, and it cannot be reached directly. Keys in headers are not handed to a proxy.',
    fix: 'Send to a collector inside the network, and let that one use the proxy.',
  },
  COMPRESSION: {
    meaning: 'The endpoint takes plain requests and refuses compressed ones.',
    how: 'The same request is sent with gzip and without, and only the plain one is accepted.',
    fix: '`OTEL_EXPORTER_OTLP_COMPRESSION=none`',
  },
  PAYLOAD_LIMIT: {
    meaning: 'Requests are too large for the endpoint.',
    how: 'Status 413. keeptrace halves such a request and sends it again; a single span that is too large is lost.',
    fix: '`OTEL_BSP_MAX_EXPORT_BATCH_SIZE=64`, or raise the limit of the collector.',
  },
  THROTTLED: {
    meaning: 'The endpoint is there and takes no spans now.',
    how: 'Status 429, 503 or another of the server: it asks for less, is starting, or is broken. Spans wait, and are lost when the queue is full.',
    fix: 'Send less with `OTEL_TRACES_SAMPLER_ARG`, or raise the limit of the backend. See the log of the collector.',
  },
  CLOCK_SKEW: {
    meaning: 'The clock of this machine and that of the endpoint differ by more than 30 seconds.',
    how: 'The `Date` of the answer is compared with this clock. Traces are then found at another time than the one looked at, or not at all.',
    fix: '`sudo timedatectl set-ntp true`, or whatever sets the clock of the host. Containers have the clock of their host.',
  },
} as const satisfies Record<string, Explanation>;
