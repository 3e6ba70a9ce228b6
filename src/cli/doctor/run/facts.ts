// What is known after a run, as data: the checks are functions of this and look at nothing else.

/** Of one thread of one Node process, written by the probe inside it. */
export interface ThreadFacts {
  pid: number;
  parentPid: number;
  threadId: number;
  node: string;
  /** `process.argv[1]`. */
  script?: string | undefined;
  tracing?: TracingFacts | undefined;
  api?: ApiFacts | undefined;
  /** Packages that tried to register a tracer provider of their own after the first. */
  refused: string[];
  modules: ModuleFacts[];
  /** Names of packages in `require.cache`. */
  packages: string[];
  spans: SpanFacts;
  failures: FailureFacts[];
  exit?: ExitFacts | undefined;
  children: { pid: number; command: string; node: boolean; ended: boolean }[];
  workers: { threadId: number; script: string }[];
}

export interface TracingFacts {
  active: boolean;
  /** File in the app, or `keeptrace/register`, that started it. */
  startedBy?: string | undefined;
  /** Origin that spans are sent to. */
  destination?: string | undefined;
  exporter?: string | undefined;
  sampler?: string | undefined;
  sampleRatio?: number | undefined;
  /** Short names of the instrumentations that are on. */
  instrumentations: string[];
  /** A list says which may be on. */
  onlySome: boolean;
  /** Of `@opentelemetry/api` as keeptrace finds it. */
  apiVersion?: string | undefined;
  /** Spans: `stats()` of the handle. */
  kept: number;
  accepted: number;
  rejected: number;
  queued: number;
  lost: Record<string, number>;
  /** Traces. */
  keptTraces: Record<string, number>;
  droppedTraces: number;
}

export interface ApiFacts {
  /** Of the copy that made the global. */
  version: string;
  /** Name of the registered provider. */
  provider?: string | undefined;
  ours: boolean;
  /** Versions of copies in `require.cache`, by folder. */
  loaded: { folder: string; version: string }[];
}

/** A module that an instrumentation patches; built-ins too. */
export interface ModuleFacts {
  instrumentation: string;
  module: string;
  builtin: boolean;
  patched: boolean;
  supported: string[];
  /** The hook saw a file of it. */
  seen: boolean;
  /** Of the copy in `require.cache`. */
  version?: string | undefined;
  loaded: boolean;
  /** It was loaded when tracing started. */
  early: boolean;
  /** What was loaded or linked early stays as it is, because the instrumentation puts something else in its place. */
  replaced: boolean;
}

export interface SpanFacts {
  started: number;
  ended: number;
  /** Those with a parent in another process, and how many of these parents were not sampled. */
  remote: number;
  remoteUnsampled: number;
  open: { name: string; ageMs: number; at?: string | undefined }[];
  names: { name: string; scope: string }[];
  /** Ids of traces in which a span ended. */
  traces: string[];
}

export interface FailureFacts {
  code: string;
  what: string;
  fix: string;
  times: number;
  /** Refused for good. */
  rejected: number;
  retryInMs?: number | undefined;
}

export interface ExitFacts {
  code: number;
  /** Where `process.exit()` was called. */
  exitAt?: string | undefined;
  /** Spans that ended in this process and were given up at its end, by reason. */
  lost: Record<string, number>;
}

/** What the doctor sees from outside. */
export interface AppFacts {
  /** Names in `dependencies` and `devDependencies`. */
  dependencies: string[];
  apiCopies: { folder: string; version: string }[];
  /** The entry file, when it is known. */
  entry?: EntryFacts | undefined;
  /** keeptrace is started by the command, by the app's code, or only by the doctor. */
  starts: 'command' | 'code' | 'doctor';
  /** `NODE_OPTIONS` holds something already. */
  nodeOptions?: boolean;
}

export interface EntryFacts {
  file: string;
  /** ES module rather than CommonJS. */
  esm: boolean;
  /** It is the output of a bundler. */
  bundled: boolean;
  /** Packages that a bundled entry still loads from node_modules. */
  external: string[];
}

export interface RunFacts {
  app: AppFacts;
  threads: ThreadFacts[];
  /** The doctor's receiver. */
  received: { spans: number; url: string };
  seconds: number;
  /** How it ended: by itself, or stopped by the doctor. */
  ended: {
    by: 'itself' | 'doctor';
    code?: number | undefined;
    signal?: string | undefined;
    error?: string | undefined;
  };
  /** The command, for lines to paste. */
  command: string;
}
