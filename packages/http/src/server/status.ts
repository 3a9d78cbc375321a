import type { ErrorKind } from '@nv2/core';

/** The one table from the kind of an error to the HTTP status that a service answers with. */
export const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  input: 400,
  untrusted: 422,
  denied: 403,
  missing: 404,
  conflict: 409,
  unavailable: 503,
  internal: 500,
};
