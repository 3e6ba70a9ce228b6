// Holds what was exported against what the services wrote down.
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import { type Fragment, isForced, sortSpans, weightOf } from './fragments.ts';
import { culprit, type FaultKind, faultKinds, type Plan, slowKinds } from './service/plan.ts';
import type { LogLine } from './service/protocol.ts';

export interface KindTally {
  kind: FaultKind;
  /** Requests in which the fault happened. */
  n: number;
  /** Every fragment from the entry to the failing (or slowest) one exported, each hanging on its caller's span. */
  path: number;
  /** The failing fragment exported with all its spans; undefined for a killed process. */
  fragment: number;
  /** Every fragment of the trace exported with all its spans. */
  complete: number;
}

export interface CountTally {
  service: string;
  handled: number;
  weighted: number;
  /** Standard error of `weighted` that the sampling alone explains. */
  error: number;
  failed: number;
  weightedFailed: number;
}

export interface Tally {
  requests: number;
  handled: number;
  kinds: KindTally[];
  normal: { n: number; kept: number; complete: number; forced: number };
  /** Requests without a planned fault that were slow all the same, or met an error that no plan explains. */
  leftOut: { slow: number; unexpected: number; examples: string[] };
  /** Fragments in which this process itself saw an error or crossed the limit, and those of them nobody exported. */
  triggers: { expected: number; missing: number; examples: string[] };
  /** Of the hidden errors before any call: those after which everything called is kept, since the calls say so. */
  onward: { n: number; kept: number };
  /** Of the entries that were slow before they called anyone: those whose whole trace is kept, for the same reason. */
  clock: { n: number; kept: number };
  counts: CountTally[];
  volume: { exported: number; all: number };
  duplicates: number;
  orphans: number;
}

/** Between these factors of the limit a clock may call a fragment slow or not. */
const [SURELY_FAST, SURELY_SLOW] = [0.85, 1.15];
const EXAMPLES = 5;
/** `th` of 10 %. */
const HEAD_WEIGHT = 10;

export function tally(log: readonly LogLine[], spans: readonly ReceivedSpan[], plan: Plan, slowMs: number): Tally {
  const { fragments, duplicates, orphans } = sortSpans(spans);
  const requests = byRequest(log);
  const kinds = new Map(faultKinds.map((kind) => [kind, { kind, n: 0, path: 0, fragment: 0, complete: 0 }]));
  const result: Tally = {
    requests: requests.size,
    handled: log.length,
    kinds: [],
    normal: { n: 0, kept: 0, complete: 0, forced: 0 },
    leftOut: { slow: 0, unexpected: 0, examples: [] },
    triggers: { expected: 0, missing: 0, examples: [] },
    onward: { n: 0, kept: 0 },
    clock: { n: 0, kept: 0 },
    counts: countByService(log, fragments),
    volume: { exported: spans.length, all: log.reduce((sum, line) => sum + line.spans, 0) },
    duplicates,
    orphans,
  };
  const found = (line: LogLine) => fragments.get(`${line.requestId} ${line.hop}`);
  const whole = (line: LogLine) => found(line)?.spans.length === line.spans;

  for (const [requestId, lines] of requests) {
    const { leftOut, normal, triggers } = result;
    for (const line of lines) {
      if (line.fault === 'kill' || (!line.ownError && line.ms < SURELY_SLOW * slowMs)) continue;
      triggers.expected++;
      if (whole(line)) continue;
      triggers.missing++;
      note(triggers.examples, `${describe(line)}: ${found(line)?.spans.length ?? 0} of ${line.spans} spans`);
    }
    const fault = plan(requestId);
    const surprise = lines.find((line) => line.unexpected !== undefined);
    if (surprise !== undefined) {
      leftOut.unexpected++;
      note(leftOut.examples, `${describe(surprise)}: ${surprise.unexpected}`);
    } else if (fault === undefined) {
      if (lines.some((line) => line.ms >= SURELY_FAST * slowMs)) leftOut.slow++;
      else {
        normal.n++;
        const kept = lines.filter((line) => found(line) !== undefined);
        if (found(lines.find((line) => line.hop === '0')!)) normal.kept++;
        if (lines.every(whole)) normal.complete++;
        if (kept.some((line) => found(line)?.spans.some(isForced))) normal.forced++;
      }
    } else {
      const slow = slowKinds.includes(fault.kind);
      const entry = lines.find((line) => line.hop === '0');
      const at = slow ? culprit(fault) : fault.hop;
      const failing = lines.find((line) => line.hop === at);
      // A stall that did not make the trace slow is no fault, nor is one whose turn never came.
      if (failing === undefined || (slow && (entry?.ms ?? 0) < SURELY_SLOW * slowMs)) continue;
      const kind = kinds.get(fault.kind)!;
      kind.n++;
      if (pathKept(requestId, fault.kind === 'kill' ? parentOf(at) : at, fragments)) kind.path++;
      if (whole(failing)) kind.fragment++;
      const below = lines.filter((line) => line.hop.startsWith(`${at}.`));
      if (fault.kind === 'hidden' && fault.early && below.length > 0) {
        result.onward.n++;
        if (below.every(whole)) result.onward.kept++;
      }
      if (lines.every(whole)) kind.complete++;
      if (fault.kind === 'slow-root' && fault.early) {
        result.clock.n++;
        if (lines.every(whole)) result.clock.kept++;
      }
    }
  }
  result.kinds = [...kinds.values()].filter(({ n }) => n > 0);
  return result;
}

function pathKept(requestId: string, hop: string, fragments: Map<string, Fragment>): boolean {
  for (let at = hop; at !== ''; at = parentOf(at)) {
    if (!fragments.get(`${requestId} ${at}`)?.attached) return false;
  }
  return true;
}

function byRequest(log: readonly LogLine[]): Map<string, LogLine[]> {
  const requests = new Map<string, LogLine[]>();
  for (const line of log) {
    const lines = requests.get(line.requestId);
    if (lines === undefined) requests.set(line.requestId, [line]);
    else lines.push(line);
  }
  return requests;
}

/** Of the entry: the empty string. */
const parentOf = (hop: string): string => hop.slice(0, Math.max(0, hop.lastIndexOf('.')));

function countByService(log: readonly LogLine[], fragments: Map<string, Fragment>): CountTally[] {
  const counts = new Map<string, CountTally>();
  const of = (service: string) => {
    const known = counts.get(service);
    if (known !== undefined) return known;
    const fresh = { service, handled: 0, weighted: 0, error: 0, failed: 0, weightedFailed: 0 };
    counts.set(service, fresh);
    return fresh;
  };
  // One trace is kept or not as a whole, however often it meets a service.
  const together = new Map<string, { count: CountTally; hops: number }>();
  for (const line of log) {
    if (line.fault === 'kill') continue;
    const count = of(line.service);
    count.handled++;
    const key = `${line.requestId} ${line.service}`;
    const met = together.get(key);
    if (met !== undefined) met.hops++;
    else if (!line.ownError) together.set(key, { count, hops: 1 });
    if (line.status >= 500 || (!line.finished && line.fault !== 'abort')) count.failed++;
  }
  for (const { service, server } of fragments.values()) {
    const weight = weightOf(server);
    of(service).weighted += weight;
    if (server.status.code === 'error') of(service).weightedFailed += weight;
  }
  for (const { count, hops } of together.values()) count.error += (HEAD_WEIGHT - 1) * hops ** 2;
  for (const count of counts.values()) count.error = Math.sqrt(count.error);
  return [...counts.values()].sort((a, b) => a.service.localeCompare(b.service));
}

const describe = (line: LogLine): string =>
  `request ${line.requestId} hop ${line.hop} of ${line.service} (${line.fault ?? 'passed on'}, status ${line.status}, ${line.ms.toFixed(0)} ms)`;

function note(examples: string[], text: string): void {
  if (examples.length < EXAMPLES) examples.push(text);
}
