// What is said where the chain breaks and no other check knows why.
import type { Finding } from '../../finding.ts';
import type { RunFacts } from '../facts.ts';
import { type Check, countOf, error, preloadVariable, warning } from './finding.ts';
import { otherFailures } from './sending.ts';

/** @param known what the other checks have found; with an error among it, the break has its reason */
export const brokenChain =
  (known: readonly Finding[]): Check =>
  (facts) => {
    const found = breakOf(facts);
    if (found === undefined || known.some(({ severity }) => severity === 'error')) return [];
    return known.some(({ code }) => reasons[found.code]?.includes(code)) ? [] : [found];
  };

/** Warnings that explain a break. */
const reasons: Record<string, string[]> = {
  NO_SPANS: ['INSTRUMENTATION_DISABLED', 'UNENDED_SPANS'],
  NOTHING_KEPT: ['PARENT_UNSAMPLED'],
  NOT_ACCEPTED: ['THROTTLED', 'PAYLOAD_LIMIT'],
};

function breakOf(facts: RunFacts): Finding | undefined {
  const { threads, ended, app, command, seconds } = facts;
  if (ended.error !== undefined) {
    return error('NOT_STARTED', {
      what: `The command could not be run: ${ended.error}.`,
      fix: 'keeptrace doctor -- node server.js',
    });
  }
  if (threads.length === 0) {
    return error('NOT_STARTED', {
      what: 'No Node process came of the command, or it takes NODE_OPTIONS out of the environment of those it starts.',
      from: command,
      fix: 'Give the command that runs Node itself: keeptrace doctor -- node server.js',
    });
  }
  const active = threads.filter(({ tracing }) => tracing?.active);
  if (active.length === 0) {
    return error('NO_TRACING', {
      what:
        app.starts === 'code'
          ? 'The app ran without tracing: its initTracing() was not reached, or tracing refused to start; the line on stderr tells why.'
          : 'The app ran without tracing: keeptrace refused to start; the line on stderr tells why.',
      fix: `${preloadVariable(app)} ${command}`,
    });
  }
  const sum = (of: (thread: (typeof active)[number]) => number) => active.reduce((total, one) => total + of(one), 0);
  if (sum(({ spans }) => spans.ended) === 0) {
    return warning('NO_SPANS', {
      what: `Tracing was on, and nothing ${sum(({ spans }) => spans.started) === 0 ? 'made' : 'ended'} a span in ${timeOf(ended, seconds)}.`,
      fix: hasFailed(ended)
        ? `Make the app start: what it printed tells why it ended. Then again: keeptrace doctor -- ${command}`
        : `keeptrace doctor --seconds 60 -- ${command}   (and send the app a request meanwhile)`,
    });
  }
  if (sum(({ tracing }) => tracing!.kept) === 0) {
    const { sampler = '', sampleRatio = 1 } = active[0]!.tracing!;
    const dropped = sum(({ tracing }) => tracing!.droppedTraces);
    return warning('NOTHING_KEPT', {
      what: `${countOf(dropped, 'trace')} ended and none was kept: the sampler ${sampler} keeps ${Number((sampleRatio * 100).toPrecision(3))} % of what has no error and is not slow.`,
      from: 'OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG',
      fix: `OTEL_TRACES_SAMPLER=parentbased_always_on keeptrace doctor -- ${command}`,
    });
  }
  const [tracing] = active.map((one) => one.tracing!);
  if (sum((one) => one.tracing!.accepted) === 0 && tracing!.exporter === 'otlp') {
    const [failure] = otherFailures(active.flatMap(({ failures }) => failures));
    return error('NOT_ACCEPTED', {
      what: failure ? `No span was accepted: ${failure.what}.` : 'Spans were kept, and none was accepted in time.',
      from: tracing!.destination,
      fix: failure?.fix ?? `keeptrace doctor --seconds 30 -- ${command}`,
    });
  }
  return undefined;
}

const hasFailed = ({ by, code }: RunFacts['ended']): boolean => by === 'itself' && code !== 0;

function timeOf({ by, code }: RunFacts['ended'], seconds: number): string {
  if (by === 'doctor') return countOf(seconds, 'second');
  return code === 0
    ? 'the time the app ran'
    : `the time the app ran, before it ended with exit code ${code ?? 'unknown'}`;
}
