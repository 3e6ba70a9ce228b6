// Starts ours or the official SDK, each as its documentation says.
import { createRequire } from 'node:module';
import { editSource } from './edit-source.mjs';

const root = new URL('../../../', import.meta.url);

export async function startSdk(plan) {
  const require = createRequire(plan.from);
  const api = require('@opentelemetry/api');
  if (plan.sdk === 'keeptrace')
    return { api, tracing: plan.source ? await fromSource(plan.source) : packaged(require) };
  if (plan.sdk === 'official') return { api, official: startOfficial(createRequire(new URL('package.json', root))) };
  if (plan.sdk === 'bare') startBare(api, createRequire(new URL('package.json', root)));
  return { api };
}

/** What spans take by themselves. */
function startBare(api, require) {
  const { TracerProvider } = require('@opentelemetry/sdk-trace');
  const nothing = async () => {};
  const idle = { onStart() {}, onEnd() {}, forceFlush: nothing, shutdown: nothing };
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [idle] }));
}

function packaged(require) {
  const { initTracing } = require('keeptrace');
  return initTracing();
}

/** The waits are an object of the sources, so they can be made shorter before anything starts. */
async function fromSource({ timeScale, limits = {}, edits = [] }) {
  const allApplied = editSource(edits);
  globalThis.__VERSION__ = '0.0.0-test';
  const { defaultLimits } = await import(new URL('src/export/limits.ts', root));
  for (const name of Object.keys(defaultLimits)) {
    if (name.endsWith('Ms')) defaultLimits[name] *= timeScale;
  }
  Object.assign(defaultLimits, limits);
  const { startTracing } = await import(new URL('src/init-tracing.ts', root));
  const tracing = startTracing();
  allApplied();
  return tracing;
}

/** The set-up of the official documentation, with its listener for SIGTERM. */
function startOfficial(require) {
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({});
  sdk.start();
  process.on('SIGTERM', () => {
    sdk
      .shutdown()
      .then(() => console.log('Tracing terminated'))
      .catch((error) => console.log('Error terminating tracing', error))
      .finally(() => process.exit(0));
  });
  return sdk;
}
