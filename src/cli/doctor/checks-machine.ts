// Checks 23, 28 and 34, and the packages for gRPC: what is installed here, and on which Node.
import { AGENTS, preloadedAgents } from './agents.ts';
import { finding } from './codes.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { satisfies } from './run/satisfies.ts';

export function checkNode({ node }: Facts): Finding[] {
  const unmet = node.needs.filter(({ range }) => !satisfies(node.version, range));
  const [first] = unmet;
  if (!first) return [];
  const others = unmet.length > 1 ? ` and ${unmet.length - 1} more need` : ' needs';
  return [
    finding('NODE_VERSION', {
      what: `Node ${node.version} runs here, and ${first.name}${others} ${first.range}: applications stay untraced.`,
      from: 'the Node on the PATH',
      fix: 'nvm install 24',
    }),
  ];
}

/** As src/start.ts, which leaves the app untraced then. Copies beside this one show when the application runs. */
export function checkApi({ api }: Facts): Finding[] {
  if (api?.startsWith('1.10.')) return [];
  const found = api === undefined ? 'is not installed' : `is installed as ${api}`;
  return [
    finding('API_COPIES', {
      what: `@opentelemetry/api ${found}, and keeptrace needs 1.10: applications stay untraced.`,
      from: 'node_modules',
      fix: 'npm install @opentelemetry/api@1.10',
    }),
  ];
}

export function checkAgents({ environment, app }: Facts): Finding[] {
  const found = new Map<string, Finding>();
  const add = (agent: string, from: string, installedOnly = false): void => {
    if (found.has(agent)) return;
    const what = installedOnly
      ? `${agent} is installed: started beside keeptrace, the two wrap the same functions.`
      : `${agent} is loaded into the process, too: it and keeptrace wrap the same functions, and one of them gets the OpenTelemetry API.`;
    const fix = installedOnly
      ? `npm uninstall ${agent}`
      : `Take ${agent} out of ${from.replace(' in the environment', '')}.`;
    found.set(
      agent,
      finding('TWO_AGENTS', { what, from, fix, ...(installedOnly && { severity: 'warning' as const }) }),
    );
  };
  for (const agent of preloadedAgents(environment.variables.NODE_OPTIONS ?? '')) {
    add(agent, `NODE_OPTIONS in ${environment.files.get('NODE_OPTIONS') ?? 'the environment'}`);
  }
  for (const [name, script] of Object.entries(app.scripts)) {
    for (const agent of preloadedAgents(script)) add(agent, `the script ${name} in package.json`);
  }
  for (const agent of AGENTS) if (app.dependencies.includes(agent)) add(agent, 'dependencies in package.json', true);
  return [...found.values()];
}

export function checkGrpcPackages({ resolved, grpcPackages }: Facts): Finding[] {
  const { protocol, exporter, enabled } = resolved.settings;
  if (!enabled || exporter !== 'otlp' || protocol !== 'grpc' || grpcPackages) return [];
  return [
    finding('GRPC_PACKAGES', {
      what: 'The protocol is grpc, and the packages for it are not installed: tracing stays off.',
      from: 'OTEL_EXPORTER_OTLP_PROTOCOL',
      fix: 'npm install @opentelemetry/exporter-trace-otlp-grpc@0.301 @grpc/grpc-js',
    }),
  ];
}
