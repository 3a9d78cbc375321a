/**
 * Goes into the options of every connection over TLS: the other side's certificate must hold. Where
 * nothing is said, NODE_TLS_REJECT_UNAUTHORIZED decides, and no variable may switch this off.
 */
export const AUTHENTIC = { rejectUnauthorized: true } as const;
