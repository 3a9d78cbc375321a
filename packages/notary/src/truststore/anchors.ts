import { type CryptoPort, equalBytes, Nv2Error } from '@nv2/core';
import { assertSignedBy, type Certificate, formatNameGo } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import type { TrustStoreType } from './trust-store.ts';

/**
 * Checks that certificates may be the anchors of a trust store: CA certificates or self-signed, and
 * for timestamping self-signed and self-issued.
 *
 * @throws NotaryError `NOTARY_CERTIFICATE_NOT_ANCHOR`, `NOTARY_CERTIFICATE_NOT_ROOT`
 */
export async function assertAnchors(
  certificates: readonly Certificate[],
  type: TrustStoreType,
  options: { readonly crypto?: CryptoPort } = {},
): Promise<void> {
  for (const certificate of certificates) {
    if (certificate.basicConstraints?.ca !== true) {
      await assertSelfSigned(certificate, 'NOTARY_CERTIFICATE_NOT_ANCHOR', options);
    }
  }
  if (type !== 'tsa') return;
  for (const certificate of certificates) {
    if (!mayIssue(certificate) || !equalBytes(certificate.subject.der, certificate.issuer.der)) {
      throw unfit(certificate, 'NOTARY_CERTIFICATE_NOT_ROOT', undefined);
    }
    await assertSelfSigned(certificate, 'NOTARY_CERTIFICATE_NOT_ROOT', options);
  }
}

// RFC 5280 4.2.1.9 and 4.2.1.3; a certificate of version 1 has no extensions to say so
function mayIssue({ version, basicConstraints, keyUsage }: Certificate): boolean {
  const isCa = version === 1 || basicConstraints?.ca === true;
  return isCa && keyUsage?.has('keyCertSign') !== false;
}

async function assertSelfSigned(
  certificate: Certificate,
  code: 'NOTARY_CERTIFICATE_NOT_ANCHOR' | 'NOTARY_CERTIFICATE_NOT_ROOT',
  options: { readonly crypto?: CryptoPort },
): Promise<void> {
  try {
    await assertSignedBy(certificate, certificate, options);
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw unfit(certificate, code, cause);
  }
}

function unfit(
  certificate: Certificate,
  code: 'NOTARY_CERTIFICATE_NOT_ANCHOR' | 'NOTARY_CERTIFICATE_NOT_ROOT',
  cause: unknown,
): NotaryError {
  const subject = formatNameGo(certificate.subject);
  const expected =
    code === 'NOTARY_CERTIFICATE_NOT_ROOT'
      ? 'a self-issued root certificate'
      : 'a CA certificate or self-signed signing certificate';
  return new NotaryError(code, `the certificate with subject "${subject}" is not ${expected}`, {
    cause,
    data: { subject, issuer: formatNameGo(certificate.issuer) },
    hint:
      code === 'NOTARY_CERTIFICATE_NOT_ROOT'
        ? 'put the root certificate of the timestamping authority into the store; "nv2 cert check --ca --tsa" says what it must have'
        : 'put the certificate of an authority of the signer into the store, best its root; "nv2 cert check --ca" says what it must have',
  });
}
