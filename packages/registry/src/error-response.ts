import { Nv2Error } from '@nv2/core';
import { STATUS_BY_KIND } from '@nv2/http';
import { REGISTRY_ERRORS, RegistryError, type RegistryErrorEntry } from './errors.ts';
import { json } from './service.ts';

/** Messages of these kinds may hold what a client should not see. */
const CONSTANT_MESSAGE = 'the registry cannot do this now';

/**
 * The answer for an error, in the form of distribution-spec 1.1.1, error codes. What is not the
 * client's doing gets a constant text; its cause is for the log.
 */
export function errorResponse(error: unknown): Response {
  const entry: RegistryErrorEntry | undefined =
    error instanceof RegistryError ? REGISTRY_ERRORS[error.code] : undefined;
  const kind = error instanceof Nv2Error ? error.kind : 'internal';
  const status = entry?.status ?? STATUS_BY_KIND[kind];
  const known = error instanceof RegistryError && (status < 500 || status === 507);
  const data = known ? error.data : {};
  return json(
    {
      errors: [
        {
          code: entry?.oci ?? 'UNAVAILABLE',
          message: known ? error.message : CONSTANT_MESSAGE,
          detail: known ? { code: error.code, ...data, hint: error.hint } : {},
        },
      ],
    },
    { status, headers: headersOf(error) },
  );
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof RegistryError)) return {};
  const size = Number(error.data['size']);
  if (error.code === 'REGISTRY_RANGE_INVALID') return { 'content-range': `bytes */${size}` };
  if (error.code === 'REGISTRY_UPLOAD_RANGE') return { range: `0-${Math.max(0, size - 1)}` };
  return error.code === 'REGISTRY_TOO_MANY_LOGINS' ? { 'retry-after': '1' } : {};
}
