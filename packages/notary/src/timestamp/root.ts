import { Nv2Error } from '@nv2/core';
import { type Certificate, parseCertificates } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { readRegularFile } from '../files/read-file.ts';
import { assertAnchors } from '../truststore/anchors.ts';
import { MAX_CERTIFICATE_FILE_BYTES } from '../truststore/read-certificates.ts';

const EXPECTED = 'Expecting single x509 root certificate in PEM or DER format from the file';

/**
 * The root certificate of a timestamp authority, from a file that holds it alone, PEM or DER.
 *
 * @throws NotaryError `NOTARY_TIMESTAMP_ROOT_INVALID`, `NOTARY_FILE_*`
 */
export async function readTimestampRoot(path: string): Promise<Certificate> {
  const bytes = await readRegularFile(path, {
    subject: 'certificate',
    maxBytes: MAX_CERTIFICATE_FILE_BYTES,
    followLinks: true,
  });
  const quoted = JSON.stringify(path);
  const [root, ...others] = parse(bytes, path);
  if (root === undefined) throw invalid(path, `cannot find any certificate from ${quoted}`);
  if (others.length > 0) throw invalid(path, `found more than one certificates from ${quoted}`);
  try {
    await assertAnchors([root], 'tsa');
  } catch (cause) {
    if (!(cause instanceof NotaryError)) throw cause;
    throw invalid(path, `the certificate from ${quoted} is not a root certificate`, cause);
  }
  return root;
}

function parse(bytes: Uint8Array, path: string): readonly Certificate[] {
  if (bytes.length === 0) return [];
  try {
    return parseCertificates(bytes);
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    const problem = `x509: malformed certificate in ${JSON.stringify(path)}: ${cause.message}`;
    throw invalid(path, problem, cause);
  }
}

function invalid(path: string, problem: string, cause?: unknown): NotaryError {
  return new NotaryError('NOTARY_TIMESTAMP_ROOT_INVALID', `${problem}. ${EXPECTED}`, {
    cause,
    data: { path },
    hint: 'give the self-signed root certificate that the authority publishes, alone in a file',
  });
}
