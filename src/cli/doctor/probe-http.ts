// Asks an OTLP/HTTP endpoint to take a batch without spans, the way keeptrace itself would send one with spans.
import http from 'node:http';
import https from 'node:https';
import { gzipSync } from 'node:zlib';
import { BODY_CHARACTERS, deadlineError, EMPTY_BATCH, type ProbeResult, type ProbeTarget } from './probe.ts';

export interface HttpForm {
  protocol: 'http/protobuf' | 'http/json';
  compression: 'none' | 'gzip';
}

/** A body that drips is given up this soon: the verdict is in the status line. */
const BODY_MS = 300;

/** Never rejects, and settles by the deadline. Redirects are not followed, so that headers go nowhere else. */
export function probeHttp(target: ProbeTarget, form: HttpForm): Promise<ProbeResult> {
  const startedAt = performance.now();
  const ms = () => performance.now() - startedAt;
  // What Node refuses to send, it throws.
  return post(target, form, ms).catch((error) => ({ kind: 'none', error, ms: ms() }));
}

function post(target: ProbeTarget, form: HttpForm, ms: () => number): Promise<ProbeResult> {
  const plain = form.protocol === 'http/json' ? Buffer.from('{"resourceSpans":[]}') : EMPTY_BATCH;
  const body = form.compression === 'gzip' ? gzipSync(plain) : plain;
  const secure = target.url.protocol === 'https:';
  const agent = secure ? new https.Agent({ minVersion: 'TLSv1.2' }) : new http.Agent();
  return new Promise((resolve) => {
    const done = (result: ProbeResult) => {
      clearTimeout(deadline);
      resolve(result);
      request.destroy();
      agent.destroy();
    };
    const fail = (error: NodeJS.ErrnoException & { rawPacket?: Buffer }) =>
      done({ kind: 'none', error, raw: error.rawPacket, ms: ms() });
    const request = (secure ? https : http).request(target.url, {
      method: 'POST',
      agent,
      ...target.tls,
      ...(target.lookup && { lookup: target.lookup }),
      headers: {
        'user-agent': `keeptrace/${__VERSION__}`,
        ...target.headers,
        'content-type': form.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
        ...(form.compression === 'gzip' && { 'content-encoding': 'gzip' }),
        'content-length': body.length,
      },
    });
    const deadline = setTimeout(() => fail(deadlineError()), target.deadlineMs);
    request.on('error', fail);
    request.on('close', () => fail(Object.assign(new Error('Closed without an answer'), { code: 'ECONNRESET' })));
    request.on('response', (response) => {
      const verdict = { ms: ms(), at: Date.now() };
      const { statusCode: status = 0, headers } = response;
      let text = '';
      const finish = () =>
        done({
          kind: 'answer',
          status,
          contentType: (headers['content-type'] ?? '').toLowerCase(),
          location: headers.location,
          date: headers.date,
          body: text.slice(0, BODY_CHARACTERS),
          ...verdict,
        });
      clearTimeout(deadline);
      request.removeAllListeners('error').removeAllListeners('close').on('error', finish);
      const dripping = setTimeout(finish, BODY_MS);
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length >= BODY_CHARACTERS) finish();
      });
      response.on('close', () => {
        clearTimeout(dripping);
        finish();
      });
      response.on('error', finish);
    });
    request.end(body);
  });
}
