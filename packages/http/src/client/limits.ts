/** All header fields of an answer together, by default. */
export const DEFAULT_MAX_HEADER_BYTES: number = 32 * 1024;

/** An unread answer of up to this size is read to its end, so that its connection can be reused. */
export const MAX_DRAIN_BYTES: number = 64 * 1024;

/** Connections to one host at the same time, by default. */
export const DEFAULT_MAX_CONNECTIONS_PER_HOST = 16;
