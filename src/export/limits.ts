// The bounds and waits of the export path that are not settings, each with its unit. Tests pass smaller ones.
export interface ExportLimits {
  /** Sealed batches kept in memory, in bytes of request body; the oldest is dropped beyond it. */
  queueBytes: number;
  /** Milliseconds a sealed batch may wait for its destination before it is dropped. */
  maxAgeMs: number;
  /** Uncompressed bytes of one request. Receivers take 4 MiB and more; a small one is soon sealed, and soon sent again. */
  requestBytes: number;
  /** Spans that are sealed at a time, where a request may have more: live ones cost ten times the memory of bytes. */
  sealSpans: number;
  /** Milliseconds that a full batch waits for another one, to go in the same request, as long as both fit into it. */
  companyMs: number;
  /** Milliseconds to make a TCP connection. One in the making holds a process that has nothing else to do. */
  connectMs: number;
  /** First back-off after a failed attempt; it doubles from there. */
  backoffBaseMs: number;
  backoffCapMs: number;
  /** The same while nobody is there who could be burdened: no connection, no such host. */
  absentCapMs: number;
  /** Longest back-off while somebody waits for a flush. */
  hurryMs: number;
  /** How long a flush believes that a collector on this machine, which refuses connections, is only restarting. */
  aloneMs: number;
  /** Bounds put on a server's `Retry-After`: zero would be a busy loop, a year would be a silent off-switch. */
  retryAfterFloorMs: number;
  retryAfterCapMs: number;
  /** How long everything is held when the credentials are refused, for a key that is being rotated. */
  holdMs: number;
  /** How long no batch is searched for bad spans, once it was in vain for several. */
  searchRestMs: number;
  /** Uncompressed bytes of a request that joins several batches after an outage; of JSON twice as many. Proxies often take 1 MiB. */
  joinBytes: number;
  /** Longest usual interval that is assumed between two batches while the queue is drained after an outage. */
  slowestDrainMs: number;
  /** How often the spool is looked into for what nobody is sending, such as what an ended process left. */
  replayMs: number;
  /** Attempts at a time while the destination is healthy; one while it fails. */
  concurrency: number;
}

export const defaultLimits: ExportLimits = {
  queueBytes: 16 * 1024 * 1024,
  maxAgeMs: 10 * 60_000,
  requestBytes: 256 * 1024,
  sealSpans: 256,
  companyMs: 250,
  connectMs: 5_000,
  backoffBaseMs: 1_000,
  backoffCapMs: 30_000,
  absentCapMs: 3_000,
  hurryMs: 500,
  aloneMs: 1_000,
  retryAfterFloorMs: 1_000,
  retryAfterCapMs: 300_000,
  holdMs: 60_000,
  searchRestMs: 300_000,
  joinBytes: 1_000_000,
  slowestDrainMs: 1_000,
  replayMs: 2_000,
  concurrency: 2,
};
