// Owns the loggers. Where each is patched, the official instrumentations know; what is written on a line is ours, because
// theirs knows one set of names for two of the three, and copies every line into a stream for a log exporter that is not there.
import { diag } from '@opentelemetry/api';
import type { Instrumentation, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { BunyanInstrumentation } from '@opentelemetry/instrumentation-bunyan';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';

/** The fields of the active span, a new object each time; undefined outside any. */
export type LineFields = () => object | undefined;

type Definitions = InstrumentationNodeModuleDefinition[];
type Method = (this: unknown, ...args: unknown[]) => unknown;
type Logger = Instrumentation & { isEnabled(): boolean };

const config = { disableLogSending: true };

/** By the name of the package that is patched. */
export const logInstrumentations: Record<string, (fields: LineFields) => Instrumentation> = {
  pino: (fields) => {
    const pino: Logger = new Pino(config);
    // The line's own fields are laid over these by pino.
    const mixin = () => (pino.isEnabled() && fields()) || {};
    return replaced(pino, '_getMixinFunction', () => mixin);
  },
  winston: (fields) => {
    const winston: Logger = new Winston(config);
    return replaced(winston, '_getPatchedWrite', () => stamping(fields, winston));
  },
  bunyan: (fields) => {
    const bunyan: Logger = new Bunyan(config);
    return replaced(bunyan, '_getPatchedEmit', () => stamping(fields, bunyan));
  },
};

class Pino extends PinoInstrumentation {
  protected override init() {
    return guarded(super.init());
  }
}

/** Before version 3 the patch writes into what the app hands over, and throws at a `null` among it. */
class Winston extends WinstonInstrumentation {
  protected override init() {
    return guarded(
      super.init().filter(({ supportedVersions }) => supportedVersions.some((range) => /^>=3/.test(range))),
    );
  }
}

/** Version 2 is the one that npm installs, and differs from 1.8 in nothing that is patched. */
class Bunyan extends BunyanInstrumentation {
  protected override init() {
    const definitions = super.init();
    for (const definition of definitions) definition.supportedVersions = ['>=1.0.0 <3'];
    return guarded(definitions);
  }
}

/** A wrapper of the method through which every line goes as an object that is the logger's own. */
function stamping(fields: LineFields, logger: Logger): (original: Method) => Method {
  return (original) =>
    function (...args) {
      try {
        if (logger.isEnabled()) Object.assign(args[0] as object, fields());
      } catch {
        // A frozen record goes without.
      }
      return original.apply(this, args);
    };
}

/** The packages are bundled in one version, so that a method which is gone is noticed by the tests, not by an app. */
function replaced(instrumentation: Instrumentation, name: string, method: () => unknown): Instrumentation {
  const methods = instrumentation as unknown as Record<string, unknown>;
  if (typeof methods[name] !== 'function') throw new Error(`it has no ${name}`);
  methods[name] = method;
  return instrumentation;
}

/** A module that is not what its name says is handed on as it is. */
function guarded(definitions: Definitions): Definitions {
  for (const definition of definitions) {
    for (const part of [definition, ...definition.files]) {
      const patch = part.patch;
      if (patch === undefined) continue;
      part.patch = (exported: unknown, version?: string) => {
        try {
          return patch(exported, version);
        } catch (error) {
          const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
          diag.warn(`${definition.name} could not be patched (${reason}), so its lines are without trace ids.`);
          return exported;
        }
      };
    }
  }
  return definitions;
}
