import { CoreError } from '@nv2/core';
import { X509Error, type X509ErrorCode } from '../errors.ts';

/** Codes of malformed parts that become the code of the whole they are in. */
const PARTS: readonly X509ErrorCode[] = ['X509_CERTIFICATE_INVALID', 'X509_CMS_INVALID'];

/**
 * Runs a decoder; what it throws about encodings and parts comes out under one code, which says
 * what could not be read, with the error as its cause.
 * @throws X509Error `code`
 */
export function decodingAs<T>(
  code: Extract<X509ErrorCode, `X509_${'CMS' | 'TIMESTAMP'}_INVALID`>,
  what: string,
  decode: () => T,
): T {
  try {
    return decode();
  } catch (cause) {
    const malformed =
      cause instanceof CoreError || (cause instanceof X509Error && PARTS.includes(cause.code));
    if (!malformed || (cause instanceof X509Error && cause.code === code)) throw cause;
    throw new X509Error(code, `${what}: ${cause.message}`, { cause, data: cause.data });
  }
}

/** Refuses a message for its form. @throws X509Error `X509_CMS_INVALID` */
export function invalidCms(reason: string, data: Readonly<Record<string, unknown>> = {}): never {
  throw new X509Error('X509_CMS_INVALID', `CMS: ${reason}`, { data });
}
