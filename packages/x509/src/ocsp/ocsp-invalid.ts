import { CoreError, type ErrorDetails } from '@nv2/core';
import { X509Error } from '../errors.ts';

/** Refuses an OCSP message on account of its form. @throws X509Error `X509_OCSP_INVALID` */
export function ocspInvalid(reason: string, details?: ErrorDetails): never {
  throw new X509Error('X509_OCSP_INVALID', `OCSP: ${reason}`, details);
}

/** Gives errors of DER, names, times, extensions and certificates below the code of OCSP. */
export function decodingOcsp<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof CoreError) return ocspInvalid(cause.message, { cause, data: cause.data });
    if (cause instanceof X509Error && cause.code === 'X509_CERTIFICATE_INVALID')
      return ocspInvalid(cause.message, { cause, data: cause.data });
    throw cause;
  }
}
