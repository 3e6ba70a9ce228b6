// A row of the goal table: what is done to an emitter, and what must hold.
import type { Job, Measured, Setting } from './emit.ts';
import type { Check, Gate } from './gates.ts';

export interface Variant {
  name: string;
  /** One emitter, one collector. */
  job?: Job | ((setting: Setting) => Job);
  checks?: Check[];
  /** Anything else; holds to the law by itself. */
  run?: (setting: Setting) => Promise<Gate[]>;
  /** Lines allowed on stderr for what the app itself does wrong. */
  otherLines?: number;
  /** Measures memory, CPU or the loop: nothing else may run at the same time in the full profile. */
  quiet?: true;
  /** How long it takes at full length, if that is out of the ordinary. */
  seconds?: number;
  /** In the full profile the same load is run without the fault, too, for what it takes by itself. */
  control?: true;
  /** Too long or too heavy for the short profile. */
  fullOnly?: true;
  /** The official SDK is run on it, too; default true where there is a `job`. */
  official?: false;
  /** Killed processes and those without counts: the law cannot be asked. */
  lawless?: true;
}

export interface Row {
  id: string;
  goal: string;
  variants: Variant[];
}

export interface Outcome {
  row: Row;
  variant: Variant;
  gates: Gate[];
  ours?: Measured;
  official?: Measured;
}
