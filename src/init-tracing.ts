// The conductor: the stages of tracing in the order the data flows, one call each. You can read the whole product here.
import type { TracingOptions } from './config/options.ts';
import { throwWrongOptions } from './config/problems.ts';
import { resolveSettings } from './config/resolve.ts';
import { whyUnreadable } from './config/unreadable.ts';
import { boundedValue, cutOversize, noteCut } from './export/cut/cut-span.ts';
import { createDestination } from './export/destination/destination.ts';
import { tlsWarnings } from './export/destination/tls-files.ts';
import { createPipeline } from './export/pipeline.ts';
import { componentOf } from './export/report/export-metrics.ts';
import { spoolFor } from './export/spool/open-spool.ts';
import { createSelfReport } from './lifecycle/self-report.ts';
import { attachLifecycle } from './lifecycle/signals.ts';
import { withProcessors } from './lifecycle/with-processors.ts';
import { joinConsole } from './logs/console-lines.ts';
import { createLineFields } from './logs/log-fields.ts';
import { noteFailedDependencies } from './messaging/failed-dependency.ts';
import { setSendDefaults } from './messaging/send-defaults.ts';
import { openProbe, watched } from './probe.ts';
import { routeDiagnostics } from './provider/diagnostics.ts';
import { redactForAll, withoutNoise, withoutSecrets } from './provider/export-gate.ts';
import { guardProcessor } from './provider/guarded-processor.ts';
import { guardSpans } from './provider/guarded-spans.ts';
import { readHostPackage } from './provider/host-package.ts';
import {
  createInstrumentations,
  disableInstrumentations,
  enableInstrumentations,
  hookedModules,
} from './provider/instrumentations.ts';
import { createKeepHooks } from './provider/keep-hooks.ts';
import { tooLate } from './provider/loaded-early.ts';
import { seeImports } from './provider/loader-hooks.ts';
import { createPropagator } from './provider/propagation.ts';
import { createProvider, foreignProvider, registerGlobals } from './provider/provider.ts';
import { createResource } from './provider/resource.ts';
import { createSpanOpinions } from './provider/span-opinions.ts';
import { unhookWriteHead } from './provider/write-head.ts';
import type { Quiet } from './quiet.ts';
import { laneOf } from './sampling/exported-span.ts';
import { createHeadSampler } from './sampling/head-sampler.ts';
import { setKeeper } from './sampling/keep-trace.ts';
import { createKeeper } from './sampling/keeper.ts';
import { cutDeadlineAtQueues } from './sampling/slow-deadline.ts';
import { createTrust, trustingSampler } from './sampling/trust.ts';
import { withKeeper } from './sampling/with-keeper.ts';
import { createSecretNames } from './span/redact-names.ts';
import { createTextRedactor } from './span/redact-text.ts';
import type { Tracing } from './tracing.ts';

/**
 * @param quiet for keeptrace/testing: no hooks on signals and the end of the process either
 * @returns undefined when tracing stays off; the reason has been said then
 * @throws ConfigError for wrong `options`
 */
export function startTracing(options?: TracingOptions, quiet?: Quiet): Tracing | undefined {
  const { settings, problems, usable } = resolveSettings({
    options,
    env: process.env,
    packageJson: readHostPackage(),
    unreadable: whyUnreadable,
  });
  throwWrongOptions(problems);

  const report = createSelfReport(settings);
  report.problems(problems);
  if (!settings.enabled || !usable) return undefined;
  report.problems(tlsWarnings(settings, process.env));
  const foreign = foreignProvider();
  if (foreign !== undefined) return report.refused(foreign);
  routeDiagnostics(settings.logLevel, report.diagnostic);

  const ownProcessors = settings.spanProcessors.map(guardProcessor);
  const redactText = createTextRedactor(createSecretNames(settings.redactKeys), settings.redactKeys);
  const destination = createDestination({ ...settings, redactText });
  const exporting = createPipeline({
    ...settings,
    destination,
    openSpool: spoolFor(settings, destination),
    writeAhead: settings.spool.mode === 'write-ahead',
    laneOf,
    component: componentOf(settings),
    on: report,
  });
  const keeper = createKeeper({
    ...settings,
    bufferBytes: settings.bufferMb * 2 ** 20,
    emit: withoutSecrets(settings, exporting.processor),
    onThrottled: report.throttled,
  });
  const pipeline = withKeeper(withProcessors(exporting, ownProcessors), keeper);
  const shared = ownProcessors.length > 0 ? redactForAll(settings) : [];
  const trust = createTrust(settings.trustIncoming);
  const head = trustingSampler(createHeadSampler(settings.sampler, settings.sampleRatio), trust);
  guardSpans({ boundedValue, noteCut });
  const probe = openProbe();
  const sampler = keeper.sampler(head);
  const provider = createProvider({
    resource: createResource(settings),
    sampler: quiet?.gateSampler(sampler) ?? sampler,
    limits: settings.spanLimits,
    spanProcessors: [
      createSpanOpinions(),
      cutOversize(settings.spanLimits),
      ...shared,
      noteFailedDependencies(),
      withoutNoise(settings, watched(probe, keeper.processor)),
      ...ownProcessors,
    ],
  });
  const propagator = cutDeadlineAtQueues(createPropagator(settings.propagators, report.unsendable));
  const refused = registerGlobals(provider, quiet?.gatePropagator(propagator) ?? propagator);
  if (refused !== undefined) return report.refused(refused);
  if (quiet === undefined)
    attachLifecycle({ ...pipeline, timeoutMs: settings.shutdownTimeoutMs, exitTimeoutMs: settings.exitTimeoutMs });

  setKeeper(keeper);
  const keepHooks = createKeepHooks({ keeper, trust, keepErrors: settings.keepErrors });
  const lineFields = createLineFields(settings.logCorrelation);
  setSendDefaults({ baggage: settings.messageBaggage, messageSpans: settings.messageSpans });
  const instrumentations = createInstrumentations({ ...settings, keepHooks, lineFields });
  report.problems(instrumentations.problems);
  const tell = (late: readonly string[]) => report.problems([{ message: tooLate(late) }]);
  // keeptrace/testing patches in its own way, in the registries of test runners, too.
  enableInstrumentations(instrumentations.list, provider, quiet === undefined ? tell : undefined);
  const unseen = seeImports(hookedModules(instrumentations.list));
  if (unseen !== undefined) report.problems([{ message: unseen }]);
  probe.instrumentations = instrumentations.list;
  probe.problems = instrumentations.problems.map(({ message }) => message);
  probe.retire = () => {
    disableInstrumentations(instrumentations.list);
    unhookWriteHead();
  };
  if (settings.logConsole && lineFields) report.problems(joinConsole(lineFields));
  report.started({ ...settings, instrumentations: instrumentations.names });

  return {
    active: true,
    settings: Object.freeze(settings),
    flush: () => pipeline.flushFinished(settings.shutdownTimeoutMs),
    shutdown: () => pipeline.shutdown(settings.shutdownTimeoutMs),
    stats: () => ({ ...exporting.stats(), sampling: keeper.stats() }),
  };
}
