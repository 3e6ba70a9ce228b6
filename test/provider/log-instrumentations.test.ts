import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { diag } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createInstrumentations, hookedModules } from '../../src/provider/instrumentations.ts';
import { type LineFields, logInstrumentations } from '../../src/provider/log-instrumentations.ts';

const require = createRequire(import.meta.url);
const folders: string[] = [];
const made: Instrumentation[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.disable();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  diag.disable();
});

/** An app's folder with packages of these names, versions and texts. */
function folderWith(packages: [name: string, version: string, files: Record<string, string>][]): string {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-'));
  folders.push(folder);
  for (const [name, version, files] of packages) {
    const home = join(folder, 'node_modules', name);
    const all = { 'package.json': JSON.stringify({ name, version, main: 'index.js' }), ...files };
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(dirname(join(home, file)), { recursive: true });
      writeFileSync(join(home, file), text);
    }
  }
  return folder;
}

const from = (folder: string) => createRequire(join(folder, 'app.js'));

function create(lineFields: LineFields | undefined, more: Partial<Parameters<typeof createInstrumentations>[0]> = {}) {
  const set = createInstrumentations(
    {
      enabledInstrumentations: ['pino', 'winston', 'bunyan'],
      disabledInstrumentations: [],
      instrumentations: [],
      ignorePaths: [],
      redact: true,
      redactKeys: [],
      backgroundSpans: false,
      production: false,
      lineFields,
      ...more,
    },
    ['/nowhere'],
  );
  made.push(...set.list);
  return set;
}

const ids = () => ({ trace_id: 't', span_id: 's' });

describe('which loggers take part', () => {
  const nameOf = ({ instrumentationName }: Instrumentation) => instrumentationName.split('-').at(-1);

  test('all, without being named among what makes spans', () => {
    const { list, names, problems } = create(ids);
    expect(list.map(nameOf)).toEqual(['pino', 'winston', 'bunyan']);
    expect([names, problems]).toEqual([[], []]);
  });

  test('none when nothing is to be written, and none that is disabled or replaced', () => {
    expect(create(undefined).list).toEqual([]);
    expect(create(ids, { disabledInstrumentations: ['winston'] }).list.map(nameOf)).toEqual(['pino', 'bunyan']);
    expect(create(ids, { enabledInstrumentations: ['http'] }).list.map(nameOf)).toEqual(['http']);
    const own = logInstrumentations.pino!(() => ({ own: true }));
    expect(create(ids, { instrumentations: [own] }).list.filter((one) => nameOf(one) === 'pino')).toEqual([own]);
  });

  test('the loader hook is set only for those that the app has', () => {
    const { list } = create(ids);
    expect(hookedModules(list, ['/nowhere'])).toEqual([]);
    expect(hookedModules(list, [folderWith([['pino', '9.0.0', { 'index.js': '' }]])])).toEqual(['pino']);
    const all = folderWith(['winston', 'bunyan'].map((name) => [name, '1.0.0', { 'index.js': '' }]));
    expect(hookedModules(list, [all])).toEqual(['bunyan']);
  });
});

/** A stream that keeps what is written to it. */
function memory() {
  const lines: string[] = [];
  const write = (chunk: unknown, _: string, done: () => void) => {
    lines.push(String(chunk).trim());
    done();
  };
  return { lines, stream: new Writable({ write }) };
}

describe('a line', () => {
  test('that cannot be written on is logged as it is', () => {
    create(ids);
    const winston = require('winston');
    const { lines, stream } = memory();
    // A format that copies, so that winston itself can do with a frozen line.
    const copy = winston.format((info: object) => ({ ...info }));
    const log = winston.createLogger({
      format: winston.format.combine(copy(), winston.format.json()),
      transports: [new winston.transports.Stream({ stream })],
    });
    log.write(Object.freeze({ level: 'info', message: 'frozen', [Symbol.for('level')]: 'info' }));
    log.info('free');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', message: 'frozen' },
      { level: 'info', message: 'free', trace_id: 't', span_id: 's' },
    ]);
  });

  test('is logged as it is when the fields cannot be had', () => {
    create(() => JSON.parse(''));
    const { createLogger } = require('bunyan');
    const { lines, stream } = memory();
    createLogger({ name: 'shop', stream }).info({ orderId: 7 }, 'paid');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'paid', orderId: 7 });
  });

  test('of pino keeps a field of its own under the same name', () => {
    create(ids);
    const pino = require('pino');
    const { lines, stream } = memory();
    pino({ base: undefined, timestamp: false }, stream).info({ trace_id: 'mine' }, 'paid');
    expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 30, trace_id: 'mine', span_id: 's', msg: 'paid' });
  });
});

describe('a package that is not what its name says', () => {
  test('is handed on as it is, with a word to OpenTelemetry’s diagnostics', () => {
    const warn = vi.fn();
    diag.setLogger({ ...console, warn, error: vi.fn(), info: vi.fn(), debug: vi.fn(), verbose: vi.fn() });
    create(ids);
    const folder = folderWith([['bunyan', '1.8.15', { 'index.js': 'exports.mine = true;' }]]);
    expect(from(folder)('bunyan')).toEqual({ mine: true });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('bunyan could not be patched'));
  });

  test('is left alone in versions that were never tried', () => {
    create(ids);
    const text = { 'index.js': 'module.exports = function pino() {}; module.exports.own = true;' };
    const folder = folderWith([
      ['pino', '11.0.0', text],
      [
        'winston',
        '2.4.7',
        {
          'index.js': "exports.own = require('./lib/winston/logger.js');",
          'lib/winston/logger.js': 'exports.Logger = class { log() {} };',
        },
      ],
    ]);
    const { own, name } = from(folder)('pino');
    expect([own, name]).toEqual([true, 'pino']);
    expect(String(from(folder)('winston').own.Logger.prototype.log)).toBe('log() {}');
  });
});
