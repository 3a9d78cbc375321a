import { type CryptoPort, equalBytes, type HashName, TAG } from '@nv2/core';
import type { Certificate } from '../certificate.ts';
import { X509Error } from '../errors.ts';
import { assertMessageSignedBy } from '../message-signature.ts';
import { HASH_WORDS } from '../signature-algorithm.ts';
import { readAttribute, refuseAttribute } from './attribute.ts';
import { CMS_ATTRIBUTE } from './oids.ts';
import type { SignedData } from './signed-data.ts';
import type { SignerInfo } from './signer-info.ts';

/**
 * After return the holder of the key of `certificate` signed the content of the message (RFC 5652
 * 5.4, 5.6): with a hash that is accepted, by way of signed attributes that name the type and the digest of the
 * content. Whether the certificate is to be trusted is not looked at.
 * @throws X509Error `X509_ALGORITHM_UNSUPPORTED`, `X509_KEY_UNSUPPORTED`, `X509_CMS_ATTRIBUTE`,
 *   `X509_CMS_INVALID`, `X509_CMS_SIGNATURE`
 */
export async function assertContentSigned(
  message: SignedData,
  certificate: Certificate,
  crypto: CryptoPort,
): Promise<void> {
  const { signer } = message;
  const hash = supportedHash(signer);
  // RFC 5652 11.1
  const contentType = readAttribute(signer, CMS_ATTRIBUTE.contentType, (value) => value.oid());
  if (contentType !== message.contentType)
    refuseAttribute('mismatch', {
      attribute: CMS_ATTRIBUTE.contentType,
      message: `the content is ${message.contentType}, and the signer signed ${contentType}`,
    });
  // RFC 5652 11.2
  const digest = readAttribute(signer, CMS_ATTRIBUTE.messageDigest, (value) =>
    value.content(TAG.octetString),
  );
  if (!equalBytes(digest, await crypto.digest(hash, message.content)))
    refuseAttribute('mismatch', {
      attribute: CMS_ATTRIBUTE.messageDigest,
      message: 'the content has not the digest that the signer signed',
    });
  // RFC 5652 5.4: what is signed is the SET OF the attributes, which are there by now.
  const signed = {
    tbs: signer.signedAttributes?.der ?? new Uint8Array(),
    signatureScheme: signer.scheme,
    signatureAlgorithm: signer.signatureAlgorithm,
    signature: signer.signature,
  };
  await assertMessageSignedBy(signed, certificate, {
    what: 'CMS message',
    code: 'X509_CMS_SIGNATURE',
    crypto,
  });
}

/** A hash that is accepted, and the same for the content as for the attributes (RFC 8933 3). */
function supportedHash(signer: SignerInfo): HashName {
  const { hash, scheme, digestAlgorithm, signatureAlgorithm } = signer;
  if (hash === undefined)
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `CMS: expected a digest with ${HASH_WORDS}, got algorithm ${digestAlgorithm}`,
      { data: { part: 'digest', algorithm: digestAlgorithm } },
    );
  if (scheme !== undefined && scheme.hash !== hash)
    throw new X509Error(
      'X509_ALGORITHM_UNSUPPORTED',
      `CMS: expected a signature with the ${hash} of the digest, got one with ${scheme.hash}`,
      { data: { part: 'signature', algorithm: signatureAlgorithm } },
    );
  return hash;
}
