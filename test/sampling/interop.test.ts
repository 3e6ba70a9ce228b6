// One process of ours, one of somebody else's behind it, and ours again behind that: who keeps which traces, and what the
// thresholds they write say of them.
import { type Context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import {
  createComposableAlwaysOffSampler,
  createComposableParentThresholdSampler,
  createComposableProbabilitySampler,
  createCompositeSampler,
} from '@opentelemetry/sampler-composite';
import {
  ParentBasedSampler,
  type Sampler,
  type Span,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { otValue } from '../../src/sampling/ot-state.ts';
import { parseThreshold, randomnessOf, thresholdOf, weightOf } from '../../src/sampling/threshold.ts';
import { caller, fail, flag, random, rig, th } from './keeper-rig.ts';
import { received } from './wire-situations.ts';

const RATIO = 0.1;
const HEAD = thresholdOf(RATIO);
/** Of each combination; the head chooses some sixty of them. */
const TRACES = 600;

const incoming = {
  'begins here': { flag: undefined, chosen: (reached: boolean) => reached },
  'comes undecided, with a threshold that says nothing': { flag: 0, chosen: () => false },
  'comes sampled, with a threshold that may exclude it': { flag: 1, chosen: (reached: boolean) => reached },
} as const;

type Rig = ReturnType<typeof rig>;
const forcing: Record<string, { before?(r: Rig, root: Span): void; during?(r: Rig, traceId: string): void }> = {
  'left to the head': {},
  'forced by an error before the call': { before: (r, root) => fail(r.child(root)) },
  'forced by an answer while the call runs': { during: (r, traceId) => r.keeper.trigger(traceId, 'response') },
};

/** `follows`: it goes by what we say. The others thin out by themselves, and pass our threshold on without a word of that. */
const services: Record<string, { sampler: Sampler; follows: boolean }> = {
  'ParentBased(TraceIdRatio 0.5)': {
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.5) }),
    follows: true,
  },
  'Composite(ParentThreshold, else off)': {
    sampler: createCompositeSampler(createComposableParentThresholdSampler(createComposableAlwaysOffSampler())),
    follows: true,
  },
  'Composite(ParentThreshold, else 50 %)': {
    sampler: createCompositeSampler(createComposableParentThresholdSampler(createComposableProbabilitySampler(0.5))),
    follows: true,
  },
  'TraceIdRatio 0.5': { sampler: new TraceIdRatioBasedSampler(0.5), follows: false },
};

interface Passage {
  traceId: string;
  /** Its randomness reaches the threshold of the head. */
  chosen: boolean;
  call: Span;
  /** Somebody else's server span, and its call to the third process. */
  server: Span;
  onward: Span;
}

const hex = (next: () => number) => Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join('');

/** Every trace through the first two processes. */
function* passages(from: keyof typeof incoming, force: string, sampler: Sampler): Generator<Passage, void> {
  const r = rig({ ratio: RATIO, seed: 7 });
  const next = random(8);
  const tracer = new TracerProvider({ sampler }).getTracer('somebody else');
  const begin = (context: Context, kind: SpanKind) => tracer.startSpan('theirs', { kind }, context) as Span;
  for (let i = 0; i < TRACES; i++) {
    const { flag: sampled, chosen } = incoming[from];
    const root = r.start('GET /', sampled === undefined ? undefined : caller(hex(next), sampled, `ot=th:${HEAD.text}`));
    const { traceId } = root.spanContext();
    forcing[force]?.before?.(r, root);
    const call = r.child(root, 'call');
    forcing[force]?.during?.(r, traceId);
    const server = begin(received(call), SpanKind.SERVER);
    const onward = begin(trace.setSpan(ROOT_CONTEXT, server), SpanKind.CLIENT);
    yield { traceId, chosen: chosen(randomnessOf(traceId) >= HEAD.value), call, server, onward };
    for (const span of [call, root]) span.end();
  }
}

const cells = Object.entries(services).flatMap(([name, service]) =>
  (Object.keys(incoming) as (keyof typeof incoming)[]).flatMap((from) =>
    Object.keys(forcing).map((force) => ({ name, from, force, ...service })),
  ),
);

describe.each(cells)('a trace that $from and is $force, then $name', ({ from, force, sampler, follows }) => {
  const all = [...passages(from, force, sampler)];
  const forced = force !== 'left to the head' || from.startsWith('comes sampled');
  const sampledHere = ({ chosen }: Passage) => chosen || forced;

  test('is kept there if it is kept here, unless it asks nobody', () => {
    const kept = all.filter(({ server }) => (flag(server) & 1) === 1);
    if (follows) expect(kept).toEqual(all.filter(sampledHere));
    else {
      // The same traces of the same ids, whatever we say of them.
      const own = (context: Context, traceId: string) => sampler.shouldSample(context, traceId, '', 1, {}, []).decision;
      for (const { traceId, call } of all)
        expect(own(received(call), traceId)).toBe(own(caller(traceId, flag(call) ^ 1), traceId));
      expect(kept.length).toBeGreaterThan(TRACES / 3);
      expect(kept.length).toBeLessThan((TRACES * 2) / 3);
    }
  });

  test('weighs there what it weighs here: ten where the head chose it, and nothing that is not known', () => {
    for (const { server, onward, chosen } of all) {
      const expected = chosen ? HEAD.text : undefined;
      expect([th(server), th(onward)]).toEqual([expected, expected]);
    }
  });

  test('carries no stale threshold, there or behind it', () => {
    for (const { traceId, call, server, onward } of all) {
      for (const span of [call, server, onward]) {
        const threshold = parseThreshold(th(span));
        if (threshold !== undefined) expect(randomnessOf(traceId)).toBeGreaterThanOrEqual(threshold);
      }
    }
  });

  test('comes back to us as they decided, and with nothing of a threshold where they did not keep it', () => {
    const r = rig({ ratio: RATIO });
    for (const { onward, chosen } of all) {
      const kept = (flag(onward) & 1) === 1;
      const root = r.start('GET /', received(onward));
      expect([flag(root), th(root)]).toEqual([kept ? 1 : 0, kept && chosen ? HEAD.text : undefined]);
      root.end();
    }
    expect(r.emitted.every((span) => otValue(span.spanContext().traceState, 'th') !== '0')).toBe(true);
  });
});

test('what a consistent sampler behind us exports tells how many requests we had, and ours how many errors', () => {
  const sampler = services['Composite(ParentThreshold, else off)']!.sampler;
  const r = rig({ ratio: RATIO, seed: 31 });
  const tracer = new TracerProvider({ sampler }).getTracer('somebody else');
  const next = random(32);
  const n = 20_000;
  let [errors, theirs, theirSpans] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const root = r.start('GET /');
    const failing = next() < 0.3;
    if (failing) {
      errors++;
      fail(r.child(root));
    }
    const call = r.child(root, 'call');
    const server = tracer.startSpan('theirs', { kind: SpanKind.SERVER }, received(call)) as Span;
    if ((flag(server) & 1) === 1) theirSpans++;
    theirs += th(server) === undefined ? 0 : weightOf(parseThreshold(th(server)) ?? 1);
    for (const span of [call, root]) span.end();
  }
  const ours = r.emitted.filter(({ attributes }) => attributes['keeptrace.weight'] !== undefined);
  expect(ours.reduce((sum, span) => sum + weightOf(parseThreshold(th(span)) ?? 1), 0)).toBe(errors);
  // Four standard errors of a tenth.
  expect(Math.abs(theirs / n - 1)).toBeLessThan(4 * Math.sqrt((1 - RATIO) / RATIO / n));
  // Every error came with its other half: far more spans than a tenth.
  expect(theirSpans).toBeGreaterThan(errors);
});
