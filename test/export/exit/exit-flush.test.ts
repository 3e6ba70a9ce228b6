// The last requests of a process, sent by a real thread to a real server while this thread stands still.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import type { RemoteTarget } from '../../../src/export/destination/destination-contract.ts';
import { sendAtExit } from '../../../src/export/exit/exit-flush.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { bodies, closeCollectors, startDistantCollector } from './exit-rig.ts';

afterEach(closeCollectors);

const headers = { 'content-type': 'application/x-protobuf', 'x-key': 'a-key' };
const to = (url: string, more: Partial<RemoteTarget> = {}): RemoteTarget => ({
  url,
  headers,
  timeoutMs: 10_000,
  ...more,
});

/** The cap where it is not what is tested: two cores are shared with other test files. */
const AMPLE = 5_000;
const SLACK = 1_500;

function timed<T>(run: () => T): { result: T; ms: number } {
  const startedAt = performance.now();
  return { result: run(), ms: performance.now() - startedAt };
}

test('sends all jobs over at most two connections, with the headers given', async () => {
  const collector = await startDistantCollector();
  const result = sendAtExit(bodies(2_000, 256), to(collector.url), AMPLE);
  expect(result.accepted).toEqual(Array(8).fill(true));
  expect(result.reason).toBeUndefined();

  const { acked, requests, sockets, undecodable } = await collector.seen();
  expect(acked.length).toBe(2_000);
  expect(acked.every(([, times]) => times === 1)).toBe(true);
  expect(sockets.most).toBe(2);
  expect(undecodable).toBe(0);
  expect(requests[0]).toMatchObject({ method: 'POST', url: '/v1/traces' });
  for (const request of requests) expect(request.headers).toMatchObject(headers);
});

test('the bodies given are still whole afterwards, and a view of a larger buffer sends only itself', async () => {
  const collector = await startDistantCollector();
  const [{ bytes, spanCount }] = bodies(3, 3) as [{ bytes: Uint8Array; spanCount: number }];
  const large = Buffer.alloc(bytes.length + 20, 0xff);
  large.set(bytes, 10);
  const view = large.subarray(10, 10 + bytes.length);
  expect(sendAtExit([{ bytes: view, spanCount }], to(collector.url), AMPLE).accepted).toEqual([true]);
  expect(Buffer.compare(view, bytes)).toBe(0);
  expect((await collector.seen()).acked).toHaveLength(3);
});

test.for(['gzip', 'json'] as const)('a body goes as it is: %s', async (kind) => {
  const collector = await startDistantCollector();
  const gzip = kind === 'gzip';
  const [job] = bodies(5, 5, gzip ? { compression: 'gzip' } : { protocol: 'http/json' });
  if (gzip) expect(gunzipSync(job!.bytes).length).toBeGreaterThan(job!.bytes.length);
  const extra: Record<string, string> = gzip ? { 'content-encoding': 'gzip' } : { 'content-type': 'application/json' };
  const target = to(collector.url, { headers: { ...headers, ...extra } });
  expect(sendAtExit([job!], target, AMPLE).accepted).toEqual([true]);
  expect((await collector.seen()).acked).toHaveLength(5);
});

test('returns at its deadline when the collector hangs, and says of each job that it is not known', async () => {
  const collector = await startDistantCollector({ fault: { kind: 'hang' } });
  const { result, ms } = timed(() => sendAtExit(bodies(20, 5), to(collector.url), 400));
  expect(result).toEqual({ accepted: Array(4).fill(false), answers: Array(4).fill(undefined) });
  expect(ms).toBeGreaterThanOrEqual(400);
  expect(ms).toBeLessThan(400 + SLACK);
  // The first two, at most: what comes first matters most.
  const { requests } = await collector.seen();
  for (const { first } of requests) expect(['span 0', 'span 5']).toContain(first);
});

test('a clock that jumps an hour stretches nothing', async () => {
  const collector = await startDistantCollector({ fault: { kind: 'hang' } });
  const jobs = bodies(5, 5);
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: Date.now() - 3_600_000 });
  const startedAt = process.hrtime.bigint();
  sendAtExit(jobs, to(collector.url), 300);
  vi.useRealTimers();
  const ms = Number(process.hrtime.bigint() - startedAt) / 1e6;
  expect(ms).toBeGreaterThanOrEqual(299);
  expect(ms).toBeLessThan(300 + SLACK);
});

test('a refused connection ends it at once, and is tried once', async () => {
  const collector = await startDistantCollector();
  await collector.down();
  const { result, ms } = timed(() => sendAtExit(bodies(100, 1), to(collector.url), 20_000));
  expect(result.accepted).toEqual(Array(100).fill(false));
  expect(result.answers[0]).toMatchObject({ code: 'ECONNREFUSED' });
  expect(result.answers.filter(Boolean).length).toBeLessThanOrEqual(2);
  expect(ms).toBeLessThan(AMPLE);
});

test('a busy server is asked once, and its answer is handed on', async () => {
  const fault = { kind: 'status', status: 503, headers: { 'retry-after': '7' }, body: 'later' } as const;
  const collector = await startDistantCollector({ fault });
  const { accepted, answers } = sendAtExit(bodies(20, 1), to(collector.url), AMPLE);
  expect(accepted).toEqual(Array(20).fill(false));
  expect(answers[0]).toMatchObject({ status: 503, retryAfter: '7', body: Buffer.from('later') });
  expect((await collector.seen()).requests.length).toBeLessThanOrEqual(2);
});

test('a batch that is refused does not keep the others back', async () => {
  const collector = await startDistantCollector();
  const [good] = bodies(4, 4);
  const bad = { bytes: new Uint8Array(50).fill(0xff), spanCount: 1 };
  const { accepted, answers } = sendAtExit([bad, good!, bad, good!], to(collector.url), AMPLE);
  expect(accepted).toEqual([false, true, false, true]);
  expect(answers[0]).toMatchObject({ status: 400 });
});

test('a web page that answers 200 has accepted nothing', async () => {
  const collector = await startDistantCollector({ fault: { kind: 'web-page' } });
  expect(sendAtExit(bodies(1, 1), to(collector.url), AMPLE).accepted).toEqual([false]);
});

test('a body that drips after the verdict takes nothing back and costs little', async () => {
  const collector = await startDistantCollector({ fault: { kind: 'dripping-body' } });
  const { result, ms } = timed(() => sendAtExit(bodies(2, 1), to(collector.url), 20_000));
  expect(result.accepted).toEqual([true, true]);
  expect(ms).toBeLessThan(AMPLE);
});

test('TLS: trusts the CA given and shows the client certificate', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'keeptrace-exit-'));
  const read = (name: string) => readFileSync(join(dir, name));
  for (const name of ['server', 'client']) {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...key, ...made, ...subject], { cwd: dir, stdio: 'pipe' });
  }
  const server = { key: read('server.key'), cert: read('server.pem'), ca: read('client.pem') };
  const collector = await startDistantCollector({ tls: { ...server, requestCert: true, rejectUnauthorized: true } });
  const client = { ca: read('server.pem'), key: read('client.key'), cert: read('client.pem') };
  const [job] = bodies(5, 5);
  expect(sendAtExit([job!], to(collector.url, { tls: client }), AMPLE).accepted).toEqual([true]);
  const untrusted = sendAtExit([job!], to(collector.url), AMPLE);
  expect(untrusted.accepted).toEqual([false]);
  expect(untrusted.answers[0]).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  rmSync(dir, { recursive: true });
});

test('a name that has been looked up before is not looked up again', async () => {
  const collector = await startDistantCollector();
  const url = collector.url.replace('127.0.0.1', 'collector.invalid');
  const addresses = [{ address: '127.0.0.1', family: 4 }];
  expect(sendAtExit(bodies(2, 1), to(url, { addresses }), AMPLE).accepted).toEqual([true, true]);
  const { requests } = await collector.seen();
  expect(requests[0]!.headers.host).toMatch(/^collector\.invalid:/);
});

test('localhost needs no name server', async () => {
  const collector = await startDistantCollector();
  const url = collector.url.replace('127.0.0.1', 'localhost');
  expect(sendAtExit(bodies(1, 1), to(url), AMPLE).accepted).toEqual([true]);
});

test('nothing to send, or no time, starts nothing', () => {
  let result: unknown;
  const ms = cpuMs(() => {
    result = sendAtExit([], to('http://127.0.0.1:9'), AMPLE);
  });
  expect(result).toEqual({ accepted: [], answers: [] });
  expect(ms).toBeLessThan(10);
  expect(sendAtExit(bodies(1, 1), to('http://127.0.0.1:9'), 0).accepted).toEqual([false]);
});
