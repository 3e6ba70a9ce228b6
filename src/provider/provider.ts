// Owns the three globals of the OpenTelemetry API: tracer provider, context manager, propagator.
import { context, type ProxyTracerProvider, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { Resource } from '@opentelemetry/resources';
import { type Sampler, type SpanLimits, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanLimitSettings } from '../config/settings.ts';

export interface ProviderParts {
  resource: Resource;
  sampler: Sampler;
  limits: SpanLimitSettings;
  spanProcessors: SpanProcessor[];
}

export function createProvider(parts: ProviderParts): TracerProvider {
  const { limits } = parts;
  const spanLimits: SpanLimits = {
    attributeValueLengthLimit: limits.attributeValueLength,
    attributeCountLimit: limits.attributeCount,
    eventCountLimit: limits.eventCount,
    linkCountLimit: limits.linkCount,
    attributePerEventCountLimit: limits.attributesPerEvent,
    attributePerLinkCountLimit: limits.attributesPerLink,
  };
  return new TracerProvider({
    resource: parts.resource,
    sampler: parts.sampler,
    spanLimits,
    spanProcessors: parts.spanProcessors,
  });
}

/**
 * A sentence that names whoever registered with the API before us, or undefined when the place is free. The API keeps
 * the first registration and ignores every later one without a word, so this is asked before anything is patched.
 */
export function foreignProvider(): string | undefined {
  const global = (globalThis as Record<symbol, { version?: string; trace?: unknown } | undefined>)[
    Symbol.for('opentelemetry.js.api.1')
  ];
  if (global?.trace === undefined) return undefined;
  const delegate = (trace.getTracerProvider() as Partial<ProxyTracerProvider>).getDelegate?.() ?? global.trace;
  return `another tracer provider is registered already (${describe(delegate)}, @opentelemetry/api ${global.version ?? 'unknown'})`;
}

/** @returns undefined, or a clause that says which of the three the API refused */
export function registerGlobals(provider: TracerProvider, propagator: TextMapPropagator): string | undefined {
  const refused: string[] = [];
  if (!trace.setGlobalTracerProvider(provider)) refused.push('tracer provider');
  if (!context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())) refused.push('context manager');
  if (!propagation.setGlobalPropagator(propagator)) refused.push('propagator');
  return refused.length === 0 ? undefined : `a ${refused.join(' and a ')} was there first`;
}

/** The resource tells more than the class name, which bundlers and the SDK's own ESM build mangle. */
function describe(provider: unknown): string {
  const { _resource, constructor: type } = provider as {
    _resource?: { attributes?: Record<string, unknown> };
    constructor?: { name?: string };
  };
  const attributes = _resource?.attributes ?? {};
  const distro = attributes['telemetry.distro.name'] ?? attributes['telemetry.sdk.name'];
  const name = type?.name?.replace(/\$\d+$/, '') ?? 'unknown';
  return typeof distro === 'string' ? `${name} of ${distro}` : name;
}
