// Checks 10, 15 and 17: the endpoint is the right one, and something about it is not.
import { sourceOf } from '../environment.ts';
import { finding } from './codes.ts';
import { endpointWords } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { accepts, answerOf, isCompressionOnly } from './verdict.ts';

/** An answer for a batch without a single span should take no time at all. */
const SLOW_MS = 1_000;
/** Traces that are off by more are looked for in the wrong place. */
const SKEW_MS = 30_000;

export function checkCompression(facts: Facts): Finding[] {
  const { network, environment, resolved } = facts;
  if (!network || !isCompressionOnly(facts)) return [];
  const { probe } = network;
  const { label } = endpointWords(facts);
  const origin = resolved.origins.compression ?? { kind: 'default', name: 'compression' };
  const variable = origin.kind === 'env' ? origin.name : 'OTEL_EXPORTER_OTLP_COMPRESSION';
  return [
    finding('COMPRESSION', {
      what: `${label} takes a plain request and refuses the same one with gzip (${probe.kind === 'answer' ? probe.status : probe.error.code}).`,
      from: sourceOf(origin, environment, variable),
      fix: `${variable}=none`,
    }),
  ];
}

export function checkSlowness(facts: Facts): Finding[] {
  const answer = answerOf(facts);
  if (!answer || !accepts(answer) || answer.ms < SLOW_MS) return [];
  const { label, from } = endpointWords(facts);
  return [
    finding('ENDPOINT_SLOW', {
      what: `${label} took ${(answer.ms / 1_000).toFixed(1)} s to accept a batch without a single span.`,
      from,
      fix: 'Use a collector nearby, or a nearer region of the backend.',
    }),
  ];
}

export function checkClock(facts: Facts): Finding[] {
  const answer = answerOf(facts);
  const theirs = Date.parse(answer?.date ?? '');
  if (!answer || Number.isNaN(theirs)) return [];
  const skew = answer.at - answer.ms / 2 - theirs;
  if (Math.abs(skew) <= SKEW_MS) return [];
  const { url } = endpointWords(facts);
  return [
    finding('CLOCK_SKEW', {
      what: `The clock of this machine is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} that of ${url.host}.`,
      from: 'the Date header of its answer',
      fix: 'sudo timedatectl set-ntp true',
    }),
  ];
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
