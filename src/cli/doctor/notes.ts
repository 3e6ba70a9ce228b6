// What is in order, in the words of a person who asks "what would happen to my traces here?".
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { isKnownVariable } from '../../config/known-variables.ts';
import { sourceOf } from '../environment.ts';
import { masked } from '../masked.ts';
import { endpointWords } from './endpoint-words.ts';
import type { Facts } from './facts.ts';
import { accepts } from './verdict.ts';

export function notesOf(facts: Facts): string[] {
  const { settings } = facts.resolved;
  if (!settings.enabled) return [];
  return [who(facts), keeps(facts), ...reaches(facts)];
}

function who({ resolved, environment }: Facts): string {
  const { serviceName, serviceVersion, environment: name } = resolved.settings;
  const version = serviceVersion === undefined ? '' : ` ${serviceVersion}`;
  const where = name === undefined ? '' : `, ${name}`;
  return `${masked(`${serviceName}${version}${where}`)} (${sourceOf(resolved.origins.serviceName!, environment)})`;
}

function keeps({ resolved, kept }: Facts): string {
  const { keepErrors, slowMs, sampler, sampleRatio } = resolved.settings;
  const ratio = sampler.endsWith('traceidratio') ? sampleRatio : sampler.endsWith('always_on') ? 1 : 0;
  if (ratio === 1) return 'keeps every trace';
  const own = [keepErrors && 'every error', slowMs !== undefined && `every request over ${slowMs} ms`].filter(Boolean);
  const asked = kept === undefined ? '' : ` (${kept} of 1,000 ids asked)`;
  const rest = `${Number((ratio * 100).toPrecision(3))} % of ${own.length > 0 ? 'the rest' : 'all traces'}${asked}`;
  return `keeps ${[...own, rest].join(', ')}`;
}

function reaches(facts: Facts): string[] {
  const { network, resolved } = facts;
  if (!network || !accepts(network.probe)) return [];
  const { label } = endpointWords(facts);
  const { protocol, compression } = resolved.settings;
  const form = compression === 'none' ? protocol : `${protocol}, ${compression}`;
  const silent = network.each.filter(({ named, outcome }) => named && outcome !== 'open');
  const but = silent.map(({ address, outcome }) => `; ${address} does not (${outcome}), Node tries the others`);
  return [`${label} accepts ${form}, in ${Math.max(1, Math.round(network.probe.ms))} ms${but.join('')}`];
}

/** A file of variables that lies here and that nobody asked to read. */
export function unreadEnvFile(cwd: string, given: readonly string[]): string | undefined {
  const file = join(cwd, '.env');
  if (given.length > 0 || !existsSync(file)) return undefined;
  try {
    const names = Object.keys(parseEnv(readFileSync(file, 'utf8'))).filter(isOurs);
    if (names.length === 0) return undefined;
    const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
    return `.env sets ${some} and was not read: add --env-file .env, if the application reads it`;
  } catch {
    return undefined;
  }
}

const isOurs = (name: string): boolean => /^(OTEL|KEEPTRACE)_/.test(name) && isKnownVariable(name);
