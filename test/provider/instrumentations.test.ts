import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diag } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createInstrumentations,
  enableInstrumentations,
  hookedModules,
  type InstrumentationSet,
  type InstrumentationSettings,
} from '../../src/provider/instrumentations.ts';
import { provider, takeSpans } from './traced.ts';

const folders: string[] = [];
const made: Instrumentation[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.disable();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An app's folder with these modules installed in it. */
function folderWith(modules: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-'));
  folders.push(folder);
  for (const [name, code] of Object.entries(modules)) {
    const file = join(folder, 'node_modules', name, 'index.js');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return folder;
}

function create(settings: Partial<InstrumentationSettings> = {}, folder = folderWith()): InstrumentationSet {
  const set = createInstrumentations(
    {
      enabledInstrumentations: undefined,
      disabledInstrumentations: [],
      instrumentations: [],
      ignorePaths: [],
      redact: true,
      redactKeys: [],
      backgroundSpans: false,
      production: false,
      ...settings,
    },
    [folder, '/nowhere'],
  );
  made.push(...set.list);
  return set;
}

const base = JSON.stringify(createRequire(import.meta.url).resolve('@opentelemetry/instrumentation'));
const working = (name: string, module: string) => `
  const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require(${base});
  exports.isOdd = () => {};
  exports.OddInstrumentation = class extends InstrumentationBase {
    constructor(config) { super('${name}', '1', config); }
    init() { return [new InstrumentationNodeModuleDefinition('${module}', ['*'])]; }
  };`;

describe('what is on', () => {
  test('is what keeptrace ships, when nothing else is said', () => {
    const { names, problems, list } = create();
    expect(names).toEqual(['http', 'undici', 'pg', 'aws-sdk', 'fastify']);
    expect(list).toHaveLength(5);
    expect(problems).toEqual([]);
  });

  test('is only what is enabled, and not what is disabled', () => {
    expect(create({ enabledInstrumentations: ['http', '@opentelemetry/instrumentation-pg', 'http'] }).names).toEqual([
      'http',
      'pg',
    ]);
    expect(create({ disabledInstrumentations: ['undici', 'fastify'] }).names).toEqual(['http', 'pg', 'aws-sdk']);
    expect(create({ enabledInstrumentations: ['http', 'pg'], disabledInstrumentations: ['pg'] }).names).toEqual([
      'http',
    ]);
    expect(create({ enabledInstrumentations: [] }).list).toEqual([]);
  });

  test('takes in a framework’s instrumentation that the app has installed, with the framework', () => {
    const koa = { '@opentelemetry/instrumentation-koa': working('@opentelemetry/instrumentation-koa', 'koa') };
    expect(create({}, folderWith({ ...koa, koa: '' })).names).toContain('koa');
    expect(create({}, folderWith(koa)).names).not.toContain('koa');
    expect(create({}, folderWith({ koa: '' })).names).not.toContain('koa');
  });

  test('loads that one only when the app loads the framework', () => {
    const loaded = 'globalThis.keeptraceTestLoaded = (globalThis.keeptraceTestLoaded ?? 0) + 1;';
    const module = '@opentelemetry/instrumentation-koa';
    const folder = folderWith({ [module]: loaded + working(module, 'koa'), koa: 'exports.whole = true;' });
    writeFileSync(join(folder, 'node_modules/koa/package.json'), '{ "name": "koa", "version": "3.0.0" }');
    create({}, folder);
    const count = () => (globalThis as { keeptraceTestLoaded?: number }).keeptraceTestLoaded;
    expect(count()).toBeUndefined();
    expect(createRequire(join(folder, 'app.js'))('koa')).toEqual({ whole: true });
    expect(count()).toBe(1);
  });

  test('takes in any other that is enabled by name', () => {
    const module = '@opentelemetry/instrumentation-ioredis';
    const { names, problems } = create(
      { enabledInstrumentations: ['ioredis'] },
      folderWith({ [module]: working(module, 'ioredis') }),
    );
    expect(names).toEqual(['ioredis']);
    expect(problems).toEqual([]);
  });
});

describe('what cannot be on is said in a sentence, and nothing throws', () => {
  test('when it is enabled and not installed', () => {
    const { problems, names } = create({ enabledInstrumentations: ['http', 'ioredis'] });
    expect(names).toEqual(['http']);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('npm install @opentelemetry/instrumentation-ioredis');
  });

  const broken: [string, string, string][] = [
    ['throws when it is loaded', 'throw new Error("wrong version");', 'wrong version'],
    [
      'throws when it is made',
      'exports.XInstrumentation = class { constructor() { throw new Error("wrong api"); } };',
      'wrong api',
    ],
    ['exports nothing of use', 'exports.helper = () => {};', 'exports no instrumentation'],
  ];

  test.each(broken)('when it %s', (_, code, reason) => {
    const module = '@opentelemetry/instrumentation-ioredis';
    const { problems, names } = create(
      { enabledInstrumentations: ['http', 'ioredis'] },
      folderWith({ [module]: code }),
    );
    expect(names).toEqual(['http']);
    expect(problems[0]?.message).toContain(reason);
    expect(problems[0]?.message).toContain('OTEL_NODE_DISABLED_INSTRUMENTATIONS=ioredis');
  });

  test.each(broken)('when a framework’s %s, which shows once the framework is loaded', (_, code, reason) => {
    const folder = folderWith({ '@opentelemetry/instrumentation-koa': code, koa: 'exports.whole = true;' });
    writeFileSync(join(folder, 'node_modules/koa/package.json'), '{ "name": "koa", "version": "3.0.0" }');
    expect(create({}, folder).problems).toEqual([]);
    const warn = vi.fn();
    diag.setLogger({ warn, error() {}, info() {}, debug() {}, verbose() {} });
    expect(createRequire(join(folder, 'app.js'))('koa')).toEqual({ whole: true });
    expect(warn.mock.calls.flat().join()).toContain(reason);
    diag.disable();
  });

  test('when the option holds something else', () => {
    const { problems } = create({ instrumentations: [null, {}] as unknown as Instrumentation[] });
    expect(problems.map(({ code }) => code)).toEqual(['KT_WRONG_OPTION', 'KT_WRONG_OPTION']);
  });
});

describe('the user’s own', () => {
  test('is said to carry no keep-signal, where ours would, and what to do about it', () => {
    const own = [new HttpInstrumentation(), new UndiciInstrumentation(), new PgInstrumentation()];
    const { problems } = create({ instrumentations: own });
    const said = problems.map(({ message }) => [
      /"(\w+)"/.exec(message)?.[1],
      /no keep-signal.*Remove it/.test(message),
    ]);
    expect(said).toEqual([
      ['http', true],
      ['undici', true],
      ['pg', false],
    ]);
  });

  test('take the place of ours of the same kind', () => {
    const own = new UndiciInstrumentation();
    const { list, names, problems } = create({ instrumentations: [own] });
    expect(list.filter(({ instrumentationName }) => instrumentationName === own.instrumentationName)).toEqual([own]);
    expect(names).toEqual(['undici', 'http', 'pg', 'aws-sdk', 'fastify']);
    expect(problems.map(({ code }) => code)).toEqual(['KT_NO_EFFECT']);
  });

  test('twice are used once, so that a traceparent has one value', async () => {
    const own = [new UndiciInstrumentation(), new UndiciInstrumentation()];
    const { list, problems } = create({ instrumentations: own, enabledInstrumentations: ['undici'] });
    expect(list).toEqual([own[0]]);
    expect(problems.map(({ message }) => message).join()).toContain('two instances of "undici"');
    enableInstrumentations(list, provider);

    const server = createServer((request, response) => response.end(request.headers.traceparent));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await answer.text()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(takeSpans()).toHaveLength(1);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('are switched on although they were made switched off', () => {
    const own = new UndiciInstrumentation({ enabled: false });
    const { list } = create({ instrumentations: [own], enabledInstrumentations: [] });
    expect(own.isEnabled()).toBe(false);
    enableInstrumentations(list, new TracerProvider());
    expect(own.isEnabled()).toBe(true);
  });
});

describe('the loader hook', () => {
  test('is not needed for what keeptrace ships', () => {
    expect(hookedModules(create().list)).toEqual([]);
  });

  test('covers what others patch, but no built-in', () => {
    const folder = folderWith({
      '@opentelemetry/instrumentation-koa': working('a', 'koa'),
      '@opentelemetry/instrumentation-fs': working('b', 'fs'),
      koa: '',
    });
    expect(hookedModules(create({ enabledInstrumentations: ['http', 'koa', 'fs'] }, folder).list)).toEqual(['koa']);
  });
});
