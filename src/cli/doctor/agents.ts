// Packages that trace a process by themselves, and the texts in which one can see that they are loaded.

export const AGENTS: readonly string[] = [
  'dd-trace',
  'newrelic',
  'elastic-apm-node',
  '@elastic/opentelemetry-node',
  '@splunk/otel',
  '@sentry/node',
  '@sentry/nestjs',
  '@sentry/nextjs',
  'applicationinsights',
  '@azure/monitor-opentelemetry',
  '@google-cloud/trace-agent',
  '@instana/collector',
  '@dynatrace/oneagent',
  '@appsignal/nodejs',
  '@honeycombio/opentelemetry-node',
  '@vercel/otel',
  'aws-xray-sdk',
  'appdynamics',
  'solarwinds-apm',
  'autotel',
];

/** Their preloads are agents; as packages they go well with `initTracing`. */
const PRELOADS: readonly string[] = ['@opentelemetry/auto-instrumentations-node', '@opentelemetry/sdk-node'];

/** Agents that `--require`, `--import` or `--loader` in a command line or in `NODE_OPTIONS` name. */
export function preloadedAgents(text: string): string[] {
  const preloads = [
    ...text.matchAll(/(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader)[=\s]+["']?(\S+)/g),
  ];
  const named = preloads.map(([, target = '']) => target.replaceAll('\\', '/'));
  return [...AGENTS, ...PRELOADS].filter((agent) => named.some((target) => isOf(target, agent)));
}

/** `dd-trace/init`, `/app/node_modules/dd-trace/init.js`, `dd-trace` */
function isOf(target: string, agent: string): boolean {
  const inside = target.slice(target.lastIndexOf('/node_modules/') + 1).replace(/^node_modules\//, '');
  const bare = inside.replace(/["']+$/, '');
  return bare === agent || bare.startsWith(`${agent}/`);
}
