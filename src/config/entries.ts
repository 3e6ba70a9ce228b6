// Checks of single list entries: names of instrumentations, paths, and baggage.
import { lookup } from './lookup.ts';
import { nearest } from './nearest.ts';
import type { Fault } from './row.ts';
import { printable } from './sentence.ts';

const ALIASES: Record<string, string> = {
  fetch: 'undici',
  postgres: 'pg',
  postgresql: 'pg',
  aws: 'aws-sdk',
  'aws-sdk-v3': 'aws-sdk',
  https: 'http',
};

/** Short names as `@opentelemetry/auto-instrumentations-node` has them; those that keeptrace ships are among them. */
const KNOWN = new Set(
  (
    'amqplib aws-lambda aws-sdk bunyan cassandra-driver connect cucumber dataloader dns express fastify fs generic-pool graphql grpc ' +
    'hapi host-metrics http ioredis kafkajs knex koa lru-memoizer memcached mongodb mongoose mysql mysql2 nestjs-core net openai ' +
    'oracledb pg pino redis restify router runtime-node socket.io tedious undici winston'
  ).split(' '),
);

/** Gives the short name, or what is wrong with it. Whether a package is installed is seen where it is loaded. */
export function checkInstrumentation(entry: string): string | Fault {
  const name = entry.toLowerCase().replace(/^@opentelemetry\/instrumentation-/, '');
  if (KNOWN.has(name)) return name;
  const better = lookup(ALIASES, name) ?? nearest(name, KNOWN);
  return { code: 'KT_UNKNOWN_VALUE', why: `names an unknown instrumentation, ${printable(entry)}`, better };
}

/** Paths are compared without their query, and a `*` is understood at the end only. */
export function checkPath(entry: string): string | Fault {
  const star = entry.indexOf('*');
  if (!entry.startsWith('/')) {
    return {
      code: 'KT_BAD_ENTRY',
      why: `has the entry ${printable(entry)}, which does not begin with /`,
      better: betterPath(entry),
    };
  }
  if (star !== -1 && star !== entry.length - 1) {
    return {
      code: 'KT_BAD_ENTRY',
      why: `has the entry ${printable(entry)} with a * that is not at its end`,
      better: entry.slice(0, star + 1),
    };
  }
  return entry.split('?', 1)[0]!;
}

function betterPath(entry: string): string | undefined {
  if (/^[a-z0-9_-]+\*?$/i.test(entry)) return `/${entry}`;
  return /^https?:\/\/[^/?#]+(\/[^?#]*)/i.exec(entry)?.[1];
}

/** A name as W3C Baggage has it, and the end of an ARN or URL; a `*` is understood at the end only. */
export function checkBaggage(entry: string): string | Fault {
  if (/^[!#$%&'*+.^_`|~0-9a-z-]+(:[\w.-]+\*?)?$/i.test(entry)) return entry;
  const [given = ''] = entry.split(':', 1);
  const name = /^[\w.-]+/.exec(given)?.[0];
  const destination = /[:/]([\w.-]+\*?)$/.exec(entry)?.[1];
  return {
    code: 'KT_BAD_ENTRY',
    why: `has the entry ${printable(entry)}, which is no name of baggage, or a name, a colon and a destination`,
    better: name && destination ? `${name}:${destination}` : name,
  };
}
