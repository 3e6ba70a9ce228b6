// Owns the route of a Fastify request, told by Fastify itself: its `fastify.initialization` channel hands out every
// instance, and an onRequest hook knows the matched route before anything can fail. No spans, no dependency.
import { channel } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { InstrumentationBase } from '@opentelemetry/instrumentation';

interface FastifyLike {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
}
interface FastifyRequest {
  routeOptions?: { url?: string };
}

export class FastifyRoutes extends InstrumentationBase {
  constructor() {
    super('keeptrace/fastify', '1', {});
  }

  override init() {
    return [];
  }

  override enable(): void {
    super.enable();
    channel('fastify.initialization').subscribe(onInitialization);
  }

  override disable(): void {
    super.disable();
    channel('fastify.initialization').unsubscribe(onInitialization);
  }
}

const onInitialization = (message: unknown): void => {
  try {
    const { fastify } = message as { fastify: FastifyLike };
    fastify.addHook('onRequest', (request, _reply, done) => {
      tellRoute(request);
      done();
    });
  } catch {
    // A Fastify with another shape: spans are then named by the path's template.
  }
};

function tellRoute(request: FastifyRequest): void {
  const metadata = getRPCMetadata(context.active());
  const url = request.routeOptions?.url;
  if (metadata?.type === RPCType.HTTP && typeof url === 'string' && url !== '') metadata.route = url;
}
