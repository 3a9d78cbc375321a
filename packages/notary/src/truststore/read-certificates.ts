import { Nv2Error } from '@nv2/core';
import { type Certificate, parseCertificates } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { readRegularFile } from '../files/read-file.ts';

/** A certificate file larger than this is refused. */
export const MAX_CERTIFICATE_FILE_BYTES: number = 1024 * 1024;

/**
 * The certificates of a file, PEM or DER, at least one.
 *
 * @throws NotaryError `NOTARY_CERTIFICATE_UNREADABLE`, `NOTARY_FILE_*`
 */
export async function readCertificateFile(
  path: string,
  options: { readonly followLinks?: boolean } = {},
): Promise<{ readonly bytes: Uint8Array; readonly certificates: readonly Certificate[] }> {
  const bytes = await readRegularFile(path, {
    subject: 'certificate',
    maxBytes: MAX_CERTIFICATE_FILE_BYTES,
    ...options,
  });
  return { bytes, certificates: readCertificates(bytes, path) };
}

/**
 * The certificates in octets, PEM or DER, at least one; `path` names them in errors.
 *
 * @throws NotaryError `NOTARY_CERTIFICATE_UNREADABLE`
 */
export function readCertificates(bytes: Uint8Array, path: string): readonly Certificate[] {
  const certificates = parse(bytes, path);
  if (certificates.length === 0) throw unreadable(path, 'it holds no certificate');
  return certificates;
}

function parse(bytes: Uint8Array, path: string): readonly Certificate[] {
  try {
    return parseCertificates(bytes);
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw unreadable(path, cause.message, cause);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): NotaryError {
  return new NotaryError(
    'NOTARY_CERTIFICATE_UNREADABLE',
    `expected a certificate in PEM or DER form in ${path}: ${reason}`,
    { cause, data: { path }, hint: 'a file holds certificates alone, whole, in PEM or DER form' },
  );
}
