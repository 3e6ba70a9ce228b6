// From options, environment and package.json to settings. Pure: what must be looked up is handed in. Lists every problem at once.
import { readEnvironment } from './environment.ts';
import type { TracingOptions } from './options.ts';
import { createPicker, type Picker } from './picker.ts';
import type { Origin, Problem } from './problems.ts';
import { resolveCodeOnly } from './resolve-code-only.ts';
import { resolveExport } from './resolve-export.ts';
import { resolveKeeping } from './resolve-keeping.ts';
import { resolveLogs } from './resolve-logs.ts';
import { resolveSampling } from './resolve-sampling.ts';
import { resolveService } from './resolve-service.ts';
import { resolveSpool, spoolOption } from './resolve-spool.ts';
import type { Unreadable } from './resolve-tls.ts';
import { behaviourRows } from './rows-behaviour.ts';
import { batchRows, spanLimitRows } from './rows-limits.ts';
import { messagingRows } from './rows-messaging.ts';
import { serviceRows } from './rows-service.ts';
import { toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';
import { complainAboutVariables } from './variables.ts';

export interface ResolveInput {
  options?: TracingOptions | undefined;
  env: Readonly<Record<string, string | undefined>>;
  packageJson?: { name?: string; version?: string } | undefined;
  /** Why a file cannot be read or used (`ENOENT`, `ERR_…`), undefined when it can. Without it, TLS files are not checked. */
  unreadable?: Unreadable | undefined;
}

export interface Resolved {
  settings: Settings;
  /** By option name, `spanLimits.…` for the nested ones. */
  origins: Record<string, Origin>;
  problems: Problem[];
  /** False: there is no place where spans may be sent; tracing must stay off. */
  usable: boolean;
}

export function resolveSettings(input: ResolveInput): Resolved {
  const options = optionsOf(input.options);
  const picker = createPicker(options ?? {}, readEnvironment(input.env));
  if (options === undefined) picker.problems.push(noObject(input.options));
  const enabled = picker.pick(serviceRows.enabled);
  const service = resolveService(picker, input.packageJson);
  const sampling = resolveSampling(picker, service.production);
  const { usable, ...exporting } = resolveExport(picker, input.unreadable);
  const settings: Settings = {
    enabled,
    ...service,
    ...sampling,
    ...resolveKeeping(picker),
    ...exporting,
    ...resolveBatch(picker),
    spool: resolveSpool(picker),
    spanLimits: {
      attributeValueLength: picker.pick(spanLimitRows.attributeValueLength),
      attributeCount: picker.pick(spanLimitRows.attributeCount),
      eventCount: picker.pick(spanLimitRows.eventCount),
      linkCount: picker.pick(spanLimitRows.linkCount),
      attributesPerEvent: picker.pick(spanLimitRows.attributesPerEvent),
      attributesPerLink: picker.pick(spanLimitRows.attributesPerLink),
    },
    enabledInstrumentations: picker.pick(behaviourRows.enabledInstrumentations),
    disabledInstrumentations: picker.pick(behaviourRows.disabledInstrumentations),
    ignorePaths: picker.pick(behaviourRows.ignorePaths),
    backgroundSpans: picker.pick(behaviourRows.backgroundSpans),
    redact: picker.pick(behaviourRows.redact),
    redactKeys: picker.pick(behaviourRows.redactKeys),
    ...resolveLogs(picker),
    messageSpans: picker.pick(messagingRows.messageSpans),
    messageBaggage: picker.pick(messagingRows.messageBaggage),
    shutdownTimeoutMs: picker.pick(behaviourRows.shutdownTimeoutMs),
    exitTimeoutMs: picker.pick(behaviourRows.exitTimeoutMs),
    logLevel: picker.pick(behaviourRows.logLevel),
    lifeLines: picker.pick(behaviourRows.lifeLines),
    ...resolveCodeOnly(picker, options ?? {}),
  };
  complainAboutVariables(picker, settings);
  // Whoever switched tracing off is not told how to set it up; a mistake in code is one all the same.
  const problems = enabled ? picker.problems : picker.problems.filter(({ origin }) => origin.kind === 'code');
  return { settings, origins: picker.origins, problems, usable };
}

/** Plain JavaScript may hand over anything. @returns undefined for what is no object */
function optionsOf(given: unknown): (TracingOptions & Record<string, unknown>) | undefined {
  if (given === undefined || given === null) return {};
  return typeof given === 'object' && !Array.isArray(given) ? withLongForms({ ...given }) : undefined;
}

function withLongForms(options: TracingOptions & Record<string, unknown>): TracingOptions & Record<string, unknown> {
  return 'spool' in options ? { ...options, spool: spoolOption(options.spool) as TracingOptions['spool'] } : options;
}

/** The value is not shown: whoever hands over a text may hand over a key. */
function noObject(given: unknown): Problem {
  return toProblem({
    code: 'KT_WRONG_OPTION',
    severity: 'error',
    origin: { kind: 'code', name: 'options' },
    why: `are ${Array.isArray(given) ? 'an array' : `a ${typeof given}`}`,
    expected: 'an object of options, or nothing',
    write: "initTracing({ serviceName: 'checkout' })",
  });
}

/** A batch larger than the queue would never fill: it is cut to the queue, in silence if only the default is concerned. */
function resolveBatch(picker: Picker): Pick<Settings, 'queueSize' | 'batchSize' | 'batchDelayMs'> {
  const queueSize = picker.pick(batchRows.queueSize);
  const batchSize = picker.pick(batchRows.batchSize);
  const origin = picker.origins.batchSize!;
  if (batchSize > queueSize && origin.kind !== 'default') {
    picker.problems.push(
      toProblem({
        code: 'KT_BATCH_OVER_QUEUE',
        severity: origin.kind === 'code' ? 'error' : 'warning',
        origin,
        shown: String(batchSize),
        why: `is more than the queue holds, ${queueSize} spans`,
        expected: `at most ${queueSize}`,
        now: `batches have ${queueSize} spans`,
        write: `${origin.name}${origin.kind === 'code' ? ': ' : '='}${queueSize}`,
      }),
    );
  }
  return { queueSize, batchSize: Math.min(batchSize, queueSize), batchDelayMs: picker.pick(batchRows.batchDelayMs) };
}
