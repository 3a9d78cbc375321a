import { Nv2Error } from '@nv2/core';
import { assertSignedBy, type Certificate, parseCertificates } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import { readRegularFile } from '../files/read-file.ts';
import { assertAnchors } from '../truststore/anchors.ts';
import { MAX_CERTIFICATE_FILE_BYTES } from '../truststore/read-certificates.ts';

/** What is wrong with a file that should hold one root certificate. */
type RootProblem = 'malformed' | 'none' | 'several' | 'not-self-signed' | 'not-root';

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
  const [root, ...others] = parse(bytes, path);
  if (root === undefined) throw invalid(path, 'none', 'it holds no certificate');
  if (others.length > 0) {
    throw invalid(path, 'several', `it holds ${others.length + 1} certificates, expected one`);
  }
  await check(path, 'not-self-signed', () => assertSignedBy(root, root));
  await check(path, 'not-root', () => assertAnchors([root], 'tsa'));
  return root;
}

function parse(bytes: Uint8Array, path: string): readonly Certificate[] {
  if (bytes.length === 0) return [];
  try {
    return parseCertificates(bytes);
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalid(path, 'malformed', cause.message, cause);
  }
}

async function check(path: string, problem: RootProblem, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw invalid(path, problem, cause.message, cause);
  }
}

function invalid(path: string, problem: RootProblem, reason: string, cause?: unknown): NotaryError {
  return new NotaryError(
    'NOTARY_TIMESTAMP_ROOT_INVALID',
    `the file ${path} is not that of a root certificate: ${reason}`,
    {
      cause,
      data: { path, problem, reason },
      hint: 'give the self-signed root certificate that the authority publishes, alone in a file',
    },
  );
}
