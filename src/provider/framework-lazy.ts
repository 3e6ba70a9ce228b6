// Owns instrumentations that are loaded when their framework is, not before: loading one brings a second copy of the
// OpenTelemetry packages into the process (about 100 ms), for nothing in all the services that never load the framework.
import { diag, type TracerProvider } from '@opentelemetry/api';
import {
  type Instrumentation,
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation';

export interface LazyFramework {
  framework: string;
  /** Versions of the framework that the instrumentation can patch. */
  versions: string[];
  /** Makes the real instrumentation, switched off, so that it sets no module hooks of its own. */
  make(): Instrumentation;
}

/** What is used of the real instrumentation: the definitions of what it patches. */
type Patching = Instrumentation & {
  getModuleDefinitions(): { name: string; patch?: (exports: unknown, version?: string) => unknown }[];
};

export function lazyInstrumentation({ framework, versions, make }: LazyFramework): Instrumentation {
  let provider: TracerProvider | undefined;
  let real: Patching | undefined;

  function patch(exports: unknown, version: string | undefined): unknown {
    try {
      if (real === undefined) {
        real = make() as Patching;
        if (provider !== undefined) real.setTracerProvider(provider);
      }
      const definition = real.getModuleDefinitions().find(({ name }) => name === framework);
      return definition?.patch?.(exports, version) ?? exports;
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      diag.warn(
        `The instrumentation of ${framework} could not be used (${reason}), so its routes are told by the path alone. ` +
          'Install a version made for OpenTelemetry 3.x.',
      );
      return exports;
    }
  }

  class LazyInstrumentation extends InstrumentationBase {
    override init() {
      return [new InstrumentationNodeModuleDefinition(framework, versions, patch)];
    }

    override setTracerProvider(given: TracerProvider): void {
      super.setTracerProvider(given);
      provider = given;
      real?.setTracerProvider(given);
    }
  }
  return new LazyInstrumentation(`keeptrace/${framework}`, '1', {});
}
