// Owns how messages are sent where the call does not say: what the settings of tracing say.
import type { SendChoice, SendOptions } from './aws-call.ts';

/** A global symbol, because the bundle of an app can hold a copy of its own of this module. */
const key = Symbol.for('keeptrace.send-options');
const holder = globalThis as { [key]?: SendOptions };

export function setSendDefaults(options: SendOptions): void {
  holder[key] = options;
}

/** What is said beats what is set; nothing is sent along, and each message of a batch has its span, where neither is there. */
export function sendOptions(said: SendOptions = {}): SendChoice {
  const set = holder[key];
  return {
    baggage: said.baggage ?? set?.baggage ?? false,
    messageSpans: said.messageSpans ?? set?.messageSpans ?? true,
  };
}
