import { MIN_MODULUS_BITS, type PublicKey, quoted } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import { X509Error, type X509ErrorCode } from './errors.ts';
import type { KeyUsage } from './extensions.ts';
import { formatNameGo } from './name-format.ts';
import { EXTENDED_KEY_USAGE, EXTENSION } from './oids.ts';
import { signatureWords } from './signature-algorithm.ts';

/** What a signing certificate may be used for besides digital signatures. */
const LEAF_USAGES: ReadonlySet<KeyUsage> = new Set(['digitalSignature', 'contentCommitment']);

/** Purposes that exclude code signing. */
const FOREIGN_PURPOSES: ReadonlyMap<string, string> = new Map([
  [EXTENDED_KEY_USAGE.serverAuth, 'serverAuth'],
  [EXTENDED_KEY_USAGE.clientAuth, 'clientAuth'],
  [EXTENDED_KEY_USAGE.emailProtection, 'emailProtection'],
  [EXTENDED_KEY_USAGE.timeStamping, 'timeStamping'],
  [EXTENDED_KEY_USAGE.ocspSigning, 'OCSPSigning'],
]);

/** Modulus lengths that have a signature algorithm, Notary signature-specification.md. */
const RSA_MODULUS_BITS: readonly number[] = [2048, 3072, 4096];

/**
 * Extensions that path validation acts on, or whose processing changes nothing where no policy is
 * asked for (certificate policies, policy mappings, inhibit anyPolicy: RFC 5280 6.1.1 (c) to (g)).
 */
const PROCESSED: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.extendedKeyUsage,
  EXTENSION.nameConstraints,
  EXTENSION.subjectAltName,
  EXTENSION.crlDistributionPoints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.inhibitAnyPolicy,
]);

/** A certificate and its place in the chain; 0 is the leaf. */
export interface ChainMember {
  readonly certificate: Certificate;
  readonly index: number;
}

/** Refuses a certificate of a chain. */
export function refuse(
  { certificate, index }: ChainMember,
  code: X509ErrorCode,
  reason: string,
  more: Readonly<Record<string, unknown>> = {},
): never {
  const subject = formatNameGo(certificate.subject);
  throw new X509Error(code, `certificate ${index} of the chain, ${quoted(subject)}: ${reason}`, {
    data: { index, subject, ...more },
  });
}

/** RFC 5280 6.1.4 (o), 6.1.5 (f): every critical extension is one that was processed. */
export function assertNoUnknownCritical(member: ChainMember): void {
  for (const [oid, { critical }] of member.certificate.extensions)
    if (critical && !PROCESSED.has(oid))
      refuse(member, 'X509_CRITICAL_EXTENSION', `critical extension ${oid} is not understood`);
}

/** One requirement of a certificate; throws where it is broken. */
type Requirement = (member: ChainMember, certificatesBelow: number) => void;

/**
 * Notary signature-specification.md "Certificate Requirements", for signing certificates. As in the
 * reference, and unlike the specification, anyExtendedKeyUsage is no reason to refuse one.
 */
const SIGNER: readonly Requirement[] = [
  endEntity,
  keyUsagePresent,
  keyUsageCritical,
  mayMakeSignatures,
  mayDoNothingElse,
  noForeignPurpose,
  signingKey,
];

/**
 * The same for the certificate of a timestamp authority, with RFC 3161 2.3: its one extended key usage
 * is timeStamping, marked critical. That key usage is critical is not asked, as the reference does not
 * either.
 */
const TIMESTAMP_SIGNER: readonly Requirement[] = [
  endEntity,
  keyUsagePresent,
  mayMakeSignatures,
  mayDoNothingElse,
  timestampsAlone,
  timestampsCritical,
  signingKey,
];

/**
 * Notary signature-specification.md "Certificate Requirements", for CA certificates, and RFC 5280
 * 6.1.4 (k) to (n). As in the reference, and unlike the specification, basic constraints need not be
 * marked critical: those of many authorities in use are not.
 */
const AUTHORITY: readonly Requirement[] = [
  authority,
  pathLength,
  keyUsagePresent,
  keyUsageCritical,
  mayIssue,
];

/**
 * The same for a CA above a timestamp authority: one that is meant for certain purposes must be meant
 * for timestamps too. That key usage is critical is not asked.
 */
const TIMESTAMP_AUTHORITY: readonly Requirement[] = [
  authority,
  pathLength,
  keyUsagePresent,
  mayIssue,
  mayIssueForTimestamps,
];

/** What a certificate of a chain is there for. */
export type CertificateRole = 'signer' | 'authority' | 'timestampSigner' | 'timestampAuthority';

const REQUIREMENTS: Readonly<Record<CertificateRole, readonly Requirement[]>> = {
  signer: SIGNER,
  authority: AUTHORITY,
  timestampSigner: TIMESTAMP_SIGNER,
  timestampAuthority: TIMESTAMP_AUTHORITY,
};

/**
 * What is not asked of the certificates of a chain, since whether the signatures on them hold tells it:
 * keys and algorithms by which a signature can hold.
 */
const PROVABLE: Readonly<Record<CertificateRole, readonly Requirement[]>> = {
  signer: [signatureAlgorithm],
  authority: [issuingKey, signatureAlgorithm],
  timestampSigner: [signatureAlgorithm],
  timestampAuthority: [issuingKey, signatureAlgorithm],
};

/**
 * Refuses a certificate that breaks a requirement of its role.
 * @throws X509Error `X509_BASIC_CONSTRAINTS`, `X509_PATH_LENGTH`, `X509_KEY_USAGE`,
 *   `X509_EXTENDED_KEY_USAGE`, `X509_KEY_UNSUPPORTED`: the first that is broken
 */
export function assertFits(
  member: ChainMember,
  role: CertificateRole,
  certificatesBelow: number,
): void {
  for (const require of REQUIREMENTS[role]) require(member, certificatesBelow);
}

/**
 * Every requirement that a certificate breaks, unknown critical extensions and weak cryptography among
 * them; none if it fits. It judges a certificate alone: not its signature, its time or its place in a chain.
 */
export function brokenRequirements(
  member: ChainMember,
  role: CertificateRole,
  certificatesBelow = 0,
): readonly X509Error[] {
  return [...REQUIREMENTS[role], assertNoUnknownCritical, ...PROVABLE[role]].flatMap((require) => {
    try {
      require(member, certificatesBelow);
      return [];
    } catch (error) {
      if (error instanceof X509Error) return [error];
      throw error;
    }
  });
}

function endEntity(member: ChainMember): void {
  if (member.certificate.basicConstraints?.ca === true)
    refuse(member, 'X509_BASIC_CONSTRAINTS', 'a signing certificate must not be a CA');
}

function keyUsagePresent(member: ChainMember): void {
  if (member.certificate.keyUsage === undefined)
    refuse(member, 'X509_KEY_USAGE', 'key usage is missing');
}

// What follows about key usage is silent where there is none: that is said already.
function keyUsageCritical(member: ChainMember): void {
  const { keyUsage, extensions } = member.certificate;
  if (keyUsage !== undefined && extensions.get(EXTENSION.keyUsage)?.critical !== true)
    refuse(member, 'X509_KEY_USAGE', 'key usage must be marked critical');
}

function mayMakeSignatures(member: ChainMember): void {
  if (member.certificate.keyUsage?.has('digitalSignature') === false)
    refuse(member, 'X509_KEY_USAGE', 'key usage lacks digitalSignature');
}

function mayDoNothingElse(member: ChainMember): void {
  const usages = [...(member.certificate.keyUsage ?? [])];
  const foreign = usages.filter((usage) => !LEAF_USAGES.has(usage));
  if (foreign.length > 0)
    refuse(
      member,
      'X509_KEY_USAGE',
      `key usage must be digitalSignature only, got ${foreign.join(', ')} as well`,
    );
}

function noForeignPurpose(member: ChainMember): void {
  for (const oid of member.certificate.extendedKeyUsage ?? []) {
    const purpose = FOREIGN_PURPOSES.get(oid);
    if (purpose !== undefined)
      refuse(member, 'X509_EXTENDED_KEY_USAGE', `extended key usage must not have ${purpose}`);
  }
}

function timestampsAlone(member: ChainMember): void {
  const { extendedKeyUsage = [] } = member.certificate;
  if (extendedKeyUsage.length !== 1 || extendedKeyUsage[0] !== EXTENDED_KEY_USAGE.timeStamping)
    refuse(member, 'X509_EXTENDED_KEY_USAGE', 'extended key usage must be timeStamping alone');
}

function timestampsCritical(member: ChainMember): void {
  if (member.certificate.extensions.get(EXTENSION.extendedKeyUsage)?.critical !== true)
    refuse(member, 'X509_EXTENDED_KEY_USAGE', 'extended key usage must be marked critical');
}

// RFC 5280 6.1.4 (k): version 3, basicConstraints present with cA TRUE
function authority(member: ChainMember): void {
  if (member.certificate.basicConstraints?.ca !== true)
    refuse(member, 'X509_BASIC_CONSTRAINTS', 'an issuer must have basic constraints with CA true');
}

// RFC 5280 6.1.4 (l), (m)
function pathLength(member: ChainMember, certificatesBelow: number): void {
  const allowed = member.certificate.basicConstraints?.pathLength;
  if (allowed !== undefined && allowed < certificatesBelow)
    refuse(
      member,
      'X509_PATH_LENGTH',
      `path length is ${allowed}, and ${certificatesBelow} CA certificates follow below`,
    );
}

// RFC 5280 6.1.4 (n)
function mayIssue(member: ChainMember): void {
  if (member.certificate.keyUsage?.has('keyCertSign') === false)
    refuse(member, 'X509_KEY_USAGE', 'key usage of an issuer lacks keyCertSign');
}

function mayIssueForTimestamps(member: ChainMember): void {
  const { extendedKeyUsage } = member.certificate;
  if (extendedKeyUsage === undefined) return;
  const fits = [EXTENDED_KEY_USAGE.timeStamping, EXTENDED_KEY_USAGE.any].some((oid) =>
    extendedKeyUsage.includes(oid),
  );
  if (!fits)
    refuse(
      member,
      'X509_EXTENDED_KEY_USAGE',
      'extended key usage of an issuer does not have timeStamping',
    );
}

function signatureAlgorithm(member: ChainMember): void {
  const { signatureScheme, signatureAlgorithm: algorithm } = member.certificate;
  if (signatureScheme === undefined)
    refuse(
      member,
      'X509_ALGORITHM_UNSUPPORTED',
      `must be signed with ${signatureWords(algorithm)}`,
      { algorithm },
    );
}

function issuingKey(member: ChainMember): void {
  const publicKey = supportedKey(member);
  if (publicKey.kind === 'rsa' && publicKey.modulusBits < MIN_MODULUS_BITS)
    refuse(
      member,
      'X509_KEY_UNSUPPORTED',
      `RSA key must have at least ${MIN_MODULUS_BITS} bits, got ${publicKey.modulusBits}`,
    );
}

function supportedKey(member: ChainMember): PublicKey {
  const { publicKey, publicKeyAlgorithm } = member.certificate;
  if (publicKey !== undefined) return publicKey;
  return refuse(
    member,
    'X509_KEY_UNSUPPORTED',
    `key that is not supported, for its algorithm (${publicKeyAlgorithm}), curve, size or exponent`,
  );
}

function signingKey(member: ChainMember): void {
  const publicKey = supportedKey(member);
  if (publicKey.kind === 'rsa' && !RSA_MODULUS_BITS.includes(publicKey.modulusBits))
    refuse(
      member,
      'X509_KEY_UNSUPPORTED',
      `RSA key must have ${RSA_MODULUS_BITS.join(', ')} bits, got ${publicKey.modulusBits}`,
    );
}
