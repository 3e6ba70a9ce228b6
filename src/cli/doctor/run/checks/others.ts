// Checks 22, 23 and 28: who else is in the process and wants the same place.
import { AGENTS } from '../../agents.ts';
import type { Finding } from '../../finding.ts';
import type { RunFacts, ThreadFacts } from '../facts.ts';
import { type Check, error, listOf, preloadVariable, warning } from './finding.ts';

const main = ({ threads }: RunFacts): ThreadFacts[] => threads.filter(({ threadId }) => threadId === 0);

export const twoAgents: Check = (facts) => {
  const loaded = AGENTS.filter((name) => facts.threads.some(({ packages }) => packages.includes(name)));
  return loaded.map((name) =>
    error('TWO_AGENTS', {
      what: `${name} is loaded in the same process. Both patch the same libraries, so headers and spans come twice or not at all.`,
      from: `node_modules/${name}`,
      fix: `npm uninstall ${name}   (and take its require or --require out; or run without keeptrace)`,
    }),
  );
};

export const providerAlreadySet: Check = (facts) => {
  for (const thread of main(facts)) {
    const { api, tracing, refused } = thread;
    if (api?.provider !== undefined && !api.ours && tracing !== undefined && !tracing.active) {
      return [
        error('PROVIDER_ALREADY_SET', {
          what: `Another OpenTelemetry SDK (${api.provider}, @opentelemetry/api ${api.version}) was started before keeptrace. The first one wins, so keeptrace stays off.`,
          from: culpritOf(thread),
          fix: `Remove ${sdkOf(thread)}, or start keeptrace first: ${preloadVariable(facts.app, preloadBefore(facts.command))} ${facts.command}`,
        }),
      ];
    }
    if (refused.length > 0) {
      return [
        warning('PROVIDER_ALREADY_SET', {
          what: `${listOf(refused)} started a second OpenTelemetry SDK. keeptrace was first and has the traces; the other gets none, and its instrumentations patch everything twice.`,
          from: listOf(refused),
          fix: `Remove the start of ${listOf(refused)} from the app, or run it without keeptrace.`,
        }),
      ];
    }
  }
  return [];
};

/** Node runs what is required before what is imported, and NODE_OPTIONS before its own arguments. */
const preloadBefore = (command: string): string => (/ (-r|--require)[ =]/.test(command) ? '--require' : '--import');

const SDKS = ['@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node', '@vercel/otel'];
const sdkOf = ({ packages }: ThreadFacts): string =>
  SDKS.find((name) => packages.includes(name)) ?? AGENTS.find((name) => packages.includes(name)) ?? 'the other SDK';
const culpritOf = (thread: ThreadFacts): string | undefined => {
  const name = sdkOf(thread);
  return name.startsWith('the ') ? undefined : name;
};

export const apiCopies: Check = (facts) => {
  const findings: Finding[] = [];
  const [thread] = main(facts).filter(({ tracing }) => tracing !== undefined);
  const asked = thread?.tracing?.apiVersion;
  if (thread?.tracing?.active === false && asked !== undefined && minorOf(asked) !== 10) {
    return [
      error('API_COPIES', {
        what: `@opentelemetry/api ${asked} is installed; keeptrace needs >=1.10.0 <1.11.0 and stays off.`,
        from: 'node_modules/@opentelemetry/api',
        fix: 'npm install @opentelemetry/api@1.10',
      }),
    ];
  }
  for (const { api } of facts.threads) {
    if (api === undefined) continue;
    const newer = (copy: { version: string }) => minorOf(copy.version) > minorOf(api.version);
    const used = api.loaded.filter(newer);
    const onDisk = facts.app.apiCopies.filter(newer);
    const [copy] = used.length > 0 ? used : onDisk;
    if (copy === undefined) continue;
    const { length } = used;
    findings.push(
      (length > 0 ? error : warning)('API_COPIES', {
        what: `There are two copies of @opentelemetry/api: ${api.version} holds the globals, and spans made through ${copy.version} go nowhere, because it is newer.`,
        from: copy.folder,
        fix: 'npm install @opentelemetry/api@1.10 && npm dedupe   (npm ls @opentelemetry/api tells who brings the other)',
      }),
    );
    break;
  }
  return findings;
};

const minorOf = (version: string): number => Number(/^1\.(\d+)\./.exec(version)?.[1] ?? 0);
