import { CoreError, type ErrorDetails } from '@nv2/core';
import { X509Error } from '../errors.ts';

/** Refuses a CRL on account of its form. @throws X509Error `X509_CRL_INVALID` */
export function crlInvalid(reason: string, details?: ErrorDetails): never {
  throw new X509Error('X509_CRL_INVALID', `CRL: ${reason}`, details);
}

/** Gives errors of DER, names, times and extensions below the code of CRLs. */
export function decodingCrl<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof CoreError) return crlInvalid(cause.message, { cause, data: cause.data });
    if (cause instanceof X509Error && cause.code === 'X509_CERTIFICATE_INVALID')
      return crlInvalid(cause.message.replace(/^certificate: /, ''), { cause, data: cause.data });
    throw cause;
  }
}
