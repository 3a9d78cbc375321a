/** Bounds that every server keeps, whatever its handler does. */
export interface ServerLimits {
  /** Request line and headers together, in bytes; above it the answer is 431. */
  readonly maxHeaderBytes: number;
  /** Length of the request target in characters; above it the answer is 414. */
  readonly maxTargetLength: number;
  /** Open connections; further ones are closed at once. */
  readonly maxConnections: number;
  /** Time for a client to send all headers, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** Longest time that a client may neither send nor take a byte that is waited for. */
  readonly idleTimeoutMs: number;
  /** Slowest average rate, counted over the time spent waiting for the client only. */
  readonly minBytesPerSecond: number;
  /** Waiting time that is granted before the rate counts, in milliseconds. */
  readonly slowGraceMs: number;
  /** How much of a body that the handler left unread is read away before the connection is cut. */
  readonly maxDrainBytes: number;
  /** Time that running requests have to end after `close()`, in milliseconds. */
  readonly closeGraceMs: number;
}

/** Limits for a service on a network with untrusted clients. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  maxHeaderBytes: 16 * 1024,
  maxTargetLength: 8 * 1024,
  maxConnections: 1024,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
  minBytesPerSecond: 1024,
  slowGraceMs: 30_000,
  maxDrainBytes: 1024 * 1024,
  closeGraceMs: 10_000,
};
