// Starts real brokers for tests: as processes of their own, on free ports of the loopback, with all they write in a
// temporary folder. Says in a sentence what is not installed, so that a test can be skipped with it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Broker {
  port: number;
  close(): Promise<void>;
}
export type BrokerName = 'rabbitmq' | 'nats' | 'redis' | 'kafka';

/** Debian's `rabbitmq-server` on the path is a wrapper that insists on a user; what it wraps does not. */
const programs = {
  rabbitmq: ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'],
  nats: ['nats-server'],
  redis: ['redis-server'],
  kafka: ['java'],
};
/** Written by `npm run brokers`: the jars of Kafka as Maven has laid them down. */
export const kafkaClasspath = join(import.meta.dirname, '../../node_modules/.cache/keeptrace-kafka-classpath');

/** Why this broker cannot be started, as a sentence with the remedy; undefined when it can. */
export function missing(broker: BrokerName): string | undefined {
  const program = programOf(broker);
  if (broker === 'kafka') {
    if (program && existsSync(kafkaClasspath)) return undefined;
    return 'Kafka is not here: `npm run brokers` fetches it from Maven Central, which needs java and mvn.';
  }
  return program ? undefined : `${broker}-server is not installed: apt-get install ${broker}-server.`;
}

export function startBroker(broker: BrokerName): Promise<Broker> {
  return { rabbitmq: startRabbit, nats: startNats, redis: startRedis, kafka: startKafka }[broker]();
}

function programOf(broker: BrokerName): string | undefined {
  const folders = `${process.env.PATH ?? ''}:/usr/sbin`.split(':');
  return programs[broker]
    .flatMap((name) => (name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name))))
    .find((path) => existsSync(path));
}

async function startRedis(): Promise<Broker> {
  const [folder, port] = [newFolder(), await freePort()];
  const args = `--port ${port} --bind 127.0.0.1 --save --appendonly no --dir`.split(' ');
  args.splice(args.indexOf('--save') + 1, 0, '');
  const redis = run(programOf('redis'), [...args, folder], folder);
  await redis.says(/Ready to accept connections/);
  return { port, close: () => redis.end() };
}

async function startNats(): Promise<Broker> {
  const folder = newFolder();
  const nats = run(programOf('nats'), ['-a', '127.0.0.1', '-p', '-1', '-sd', folder], folder);
  const [, port] = await nats.says(/Listening for client connections on 127\.0\.0\.1:(\d+)/);
  await nats.says(/Server is ready/);
  return { port: Number(port), close: () => nats.end() };
}

async function startRabbit(): Promise<Broker> {
  const folder = newFolder();
  const [port, names, distribution] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(join(folder, 'plugins'), '[].');
  // The node would start the daemon that knows its name by itself, and leave it behind.
  const epmd = run('epmd', ['-port', `${names}`, '-address', '127.0.0.1'], folder);
  const rabbit = run(programOf('rabbitmq'), [], folder, {
    ERL_EPMD_PORT: `${names}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `keeptrace-${names}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${distribution}`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // So the script becomes the broker, rather than a shell around it that would not die with it.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput',
  });
  const close = async () => void (await Promise.all([rabbit.end(), epmd.end()]));
  await rabbit.says(/Server startup complete/).catch((error: unknown) => close().then(() => Promise.reject(error)));
  return { port, close };
}

async function startKafka(): Promise<Broker> {
  const folder = newFolder();
  const [port, controller] = [await freePort(), await freePort()];
  const settings = join(folder, 'server.properties');
  const listeners = `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`;
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${listeners}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(folder, 'data')}`,
    'offsets.topic.num.partitions=1',
    'offsets.topic.replication.factor=1',
    'group.initial.rebalance.delay.ms=0',
  ];
  writeFileSync(settings, lines.join('\n'));
  const java = programOf('kafka') ?? 'java';
  const flags = [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xmx256m',
    '-cp',
    readFileSync(kafkaClasspath, 'utf8'),
  ];
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  execFileSync(java, [...flags, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings], { stdio: 'ignore' });
  const kafka = run(java, [...flags, 'kafka.Kafka', settings], folder);
  return { port, close: () => kafka.end() };
}

interface Running {
  /** The first match in what it prints, past or future; rejects when it ends without, or takes a minute. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Kills it, and takes its folder away. */
  end(): Promise<void>;
}

const all = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of all) child.kill('SIGKILL');
});

function run(program: string | undefined, args: string[], folder: string, env: Record<string, string> = {}): Running {
  const { PATH = '' } = process.env;
  const child = spawn(program ?? '', args, { cwd: folder, env: { PATH: `${PATH}:/usr/sbin`, HOME: folder, ...env } });
  all.add(child);
  let output = '';
  const checks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const check of [...checks]) check();
    });
  }
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    const over = (error?: unknown) => {
      if (error instanceof Error) output += error.message;
      ended = true;
      all.delete(child);
      for (const check of [...checks]) check();
      resolve();
    };
    child.on('close', over).on('error', over);
  });
  return {
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const settle = (how: () => void) => {
          clearTimeout(timer);
          checks.delete(check);
          how();
        };
        const why = (what: string) => new Error(`${program} ${what} ${pattern}:\n${output}`);
        const timer = setTimeout(() => settle(() => reject(why('took a minute without saying'))), 60_000);
        const check = () => {
          const found = pattern.exec(output);
          if (found) settle(() => resolve(found));
          else if (ended) settle(() => reject(why('ended without saying')));
        };
        checks.add(check);
        check();
      }),
    async end() {
      child.kill('SIGKILL');
      await exit;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'keeptrace-broker-'));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
