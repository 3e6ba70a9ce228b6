// Owns keeping instrumentation-aws-sdk from doing harm: it writes into what the caller passed, and where that cannot be
// written to, the call hangs and an error nobody catches ends the process.
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import type { SendOptions } from '../messaging/aws-call.ts';
import { withFields } from '../messaging/with-fields.ts';
import { awsOpinions } from './aws-opinions.ts';

interface Request {
  commandInput?: object;
}
type Hook<R> = (request: Request, ...more: unknown[]) => R;
type Send = (this: unknown, command: object, ...more: unknown[]) => unknown;
/** What the class calls `private`. */
interface Inside {
  servicesExtensions?: {
    requestPreSpanHook: Hook<{ isIncoming: boolean }>;
    requestPostSpanHook: Hook<void>;
    responseHook: Hook<unknown>;
  };
  _callOriginalFunction?: (call: () => unknown) => unknown;
  _getV3SmithyClientSendPatch?: (version: unknown, original: Send) => Send;
}

export function createAwsInstrumentation(options?: SendOptions): AwsInstrumentation {
  const instrumentation = new AwsInstrumentation(awsOpinions(options));
  shield(instrumentation as unknown as Inside);
  return instrumentation;
}

function shield(inside: Inside): void {
  const { servicesExtensions: services, _callOriginalFunction: call, _getV3SmithyClientSendPatch: patchSend } = inside;
  if (typeof services?.requestPreSpanHook === 'function') {
    const { requestPreSpanHook, responseHook } = services;
    services.requestPreSpanHook = (request, ...more) => {
      const none = { isIncoming: false };
      const copy = quietly(() => ({ ...request, commandInput: withFields(request.commandInput ?? {}) }));
      return copy === undefined ? none : (quietly(() => requestPreSpanHook.call(services, copy, ...more)) ?? none);
    };
    // Nothing but the context of messages, which our own hooks have seen to.
    services.requestPostSpanHook = () => {};
    services.responseHook = (...args) => quietly(() => responseHook.apply(services, args));
  }
  if (typeof patchSend === 'function') {
    // It writes into the command as well.
    inside._getV3SmithyClientSendPatch = function (this: unknown, version, original) {
      const patched = patchSend.call(this, version, original);
      return function (this: unknown, command, ...more) {
        return (Object.isExtensible(command) ? patched : original).call(this, command, ...more);
      };
    };
  }
  if (typeof call !== 'function') return;
  // A middleware may throw before there is a promise.
  inside._callOriginalFunction = function (this: unknown, original) {
    try {
      return call.call(this, original);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
