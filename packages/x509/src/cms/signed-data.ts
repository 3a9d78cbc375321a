import { contextTag, DerReader, TAG } from '@nv2/core';
import { type Certificate, parseCertificate } from '../certificate.ts';
import { decodingAs, invalidCms } from './decoding.ts';
import { CONTENT_TYPE } from './oids.ts';
import { readSignerInfo, type SignerInfo } from './signer-info.ts';

/** A CMS SignedData message (RFC 5652 5.1) of one signer as decoded; nothing of it is verified. */
export interface SignedData {
  /** The whole ContentInfo. */
  readonly der: Uint8Array;
  /** Dotted object identifier of what is signed. */
  readonly contentType: string;
  readonly content: Uint8Array;
  /** A bag: in the order of the message, which means nothing, and not one of them is signed for. */
  readonly certificates: readonly Certificate[];
  readonly signer: SignerInfo;
}

/** Certificates of one message. Chains in use have two to four; each one here is decoded. */
export const MAX_CMS_CERTIFICATES = 32;

/** Digest algorithms that a message may list: those of its signers, of which there is one. */
const MAX_DIGEST_ALGORITHMS = 16;

/**
 * Decodes a ContentInfo with SignedData of version 3 in DER: content inside, X.509 certificates only,
 * one signer, nothing after it. CRLs and unsigned attributes are passed over.
 * @throws X509Error `X509_CMS_INVALID`
 */
export function parseSignedData(der: Uint8Array): SignedData {
  return decodingAs('X509_CMS_INVALID', 'CMS', () => {
    const outer = new DerReader(der);
    // RFC 5652 3: ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY }
    const info = outer.enter(TAG.sequence);
    outer.finish();
    const type = info.oid();
    if (type !== CONTENT_TYPE.signedData)
      invalidCms(`expected signed data, got content type ${type}`, { contentType: type });
    const explicit = info.enter(contextTag(0, true));
    info.finish();
    const fields = explicit.enter(TAG.sequence);
    explicit.finish();
    const version = fields.smallInteger();
    // RFC 5652 5.1: 3 where the content is not id-data and all certificates are X.509.
    if (version !== 3) invalidCms(`expected version 3, got ${version}`, { version });
    passDigestAlgorithms(fields.enter(TAG.set));
    const content = readContent(fields.enter(TAG.sequence));
    const certificates = readCertificates(fields.enterOptional(contextTag(0, true)));
    fields.enterOptional(contextTag(1, true));
    const signer = readOnlySigner(fields.enter(TAG.set));
    fields.finish();
    return { der, ...content, certificates, signer };
  });
}

/** A hint to those who hash in one pass (RFC 5652 5.1); the signer names its own. */
function passDigestAlgorithms(list: DerReader): void {
  for (let count = 1; !list.done; count++) {
    if (count > MAX_DIGEST_ALGORITHMS)
      invalidCms(`expected at most ${MAX_DIGEST_ALGORITHMS} digest algorithms`);
    list.enter(TAG.sequence).oid();
  }
}

/** RFC 5652 5.2: EncapsulatedContentInfo. */
function readContent(fields: DerReader): Pick<SignedData, 'contentType' | 'content'> {
  const contentType = fields.oid();
  const explicit = fields.enterOptional(contextTag(0, true));
  if (explicit === undefined) return invalidCms('the content is not in the message');
  const content = explicit.content(TAG.octetString);
  explicit.finish();
  fields.finish();
  return { contentType, content };
}

/** RFC 5652 10.2.3. They may be in any order and there more than once. */
function readCertificates(list: DerReader | undefined): readonly Certificate[] {
  const certificates: Certificate[] = [];
  while (list !== undefined && !list.done) {
    if (certificates.length === MAX_CMS_CERTIFICATES)
      invalidCms(`expected at most ${MAX_CMS_CERTIFICATES} certificates`);
    if (list.peek() !== TAG.sequence) invalidCms('expected X.509 certificates only');
    certificates.push(parseCertificate(list.element()));
  }
  return certificates;
}

/** RFC 3161 2.4.2: the authority's signature and no other. */
function readOnlySigner(list: DerReader): SignerInfo {
  if (list.done) invalidCms('expected one signer, got none', { signers: 0 });
  const signer = readSignerInfo(list);
  if (!list.done) invalidCms('expected one signer, got more', { signers: 'many' });
  return signer;
}
