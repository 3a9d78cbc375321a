import type { Nv2Error } from '@nv2/core';
import { type Cause, type SignatureVerdict, VerificationError } from '@nv2/notary';
import type { FailureFacts } from '../failure.ts';
import { formatRfc1123 } from './go-time.ts';
import { causeWords, type Described, FAILED, fact, POLICY_LINK } from './notation-causes.ts';
import { pluginVerifyingWords } from './notation-plugin-verifying.ts';
import { quote } from './quote.ts';

/** notation's words for a verification that did not end in a yes; undefined for other errors. */
export function verificationWords(error: Nv2Error, facts: FailureFacts): string | undefined {
  if (!(error instanceof VerificationError)) return undefined;
  if (facts.isBlob === true) return blobWords(error);
  const artifact = facts.artifact ?? error.verdict.reference;
  switch (error.code) {
    case 'NOTARY_RESOLVE_FAILED':
    case 'NOTARY_ARTIFACT_NOT_FOUND':
      return causeWords(rootOf(error), facts);
    case 'NOTARY_POLICY_NOT_APPLICABLE':
      return `${FAILED}: artifact ${quote(facts.policyReference ?? artifact)} has no applicable oci trust policy statement. Trust policy applicability for a given artifact is determined by registryScopes. To create a trust policy, see: ${POLICY_LINK}`;
    case 'NOTARY_SIGNATURE_NOT_FOUND':
      return `${FAILED}: no signature is associated with ${quote(facts.policyReference ?? artifact)}, make sure the artifact was signed successfully`;
    case 'NOTARY_DIGEST_CHANGED':
      return `${FAILED}: user input digest ${fact(error, 'expected')} does not match the resolved digest ${fact(error, 'got')}`;
    case 'NOTARY_VERIFICATION_FAILED':
    case 'NOTARY_VERIFICATION_UNDECIDED':
    case 'NOTARY_SIGNATURE_LIMIT':
      return signatureWords(error, { artifact, policyReference: artifact, ...facts });
    default:
      return `${FAILED}: ${causeWords(error, facts)}`;
  }
}

// What is wrong on this side (a trust store, what is not supported yet) is said; what is wrong with
// the signatures is in the debug log, as in notation.
function signatureWords(
  error: VerificationError,
  { artifact, policyReference }: Required<Pick<FailureFacts, 'artifact' | 'policyReference'>>,
): string {
  const causes = error.verdict.signatures.map(firstCause).filter((cause) => cause !== undefined);
  const store = causes.find(isStoreProblem);
  if (store !== undefined) return storeWords(store);
  const unsupported = causes.find(({ code }) => code.endsWith('_UNSUPPORTED'));
  if (unsupported !== undefined) return `${FAILED}: ${unsupported.message}`;
  const unfetched = error.verdict.signatures.find(({ checks }) => checks.length === 0);
  if (unfetched?.cause !== undefined) {
    return `${FAILED}: unable to retrieve digital signature with digest ${quote(unfetched.digest)} associated with ${quote(policyReference)} from the Repository, error : ${causeWords(unfetched.cause)}`;
  }
  return `${FAILED} for all the signatures associated with ${artifact}`;
}

// Of a blob there is one signature, and notation says what is wrong with it.
function blobWords(error: VerificationError): string {
  if (error.code === 'NOTARY_POLICY_NOT_APPLICABLE') {
    return `${FAILED}: no global blob trust policy`;
  }
  const [signature] = error.verdict.signatures;
  const cause = (signature && firstCause(signature)) ?? error;
  if (isStoreProblem(cause)) return storeWords(cause);
  switch (cause.code) {
    case 'NOTARY_SUBJECT_MISMATCH':
      return `${FAILED}: integrity check failed. signature does not match the given blob`;
    case 'NOTARY_METADATA_MISMATCH':
      return `${FAILED}: unable to find specified metadata in the signature`;
    case 'NOTARY_BLOB_UNREADABLE':
      return `${FAILED}: failed to generate descriptor for given artifact. Error: ${cause.message}`;
    default:
      return `${FAILED}: ${checkWords(cause)}`;
  }
}

// notation ends at the first enforced check that does not pass, whatever else is wrong.
function firstCause({ checks, cause }: SignatureVerdict): Cause | undefined {
  const first = checks.find((one) => one.action === 'enforce' && one.cause !== undefined);
  return first?.cause ?? cause;
}

function isStoreProblem(error: Described): boolean {
  if (isTrustedCertificate(error)) return true;
  return error.code.startsWith('NOTARY_TRUST_STORE_') && error.code !== 'NOTARY_TRUST_STORE_NONE';
}

/** Whether the error is about one certificate of a trust store. */
function isTrustedCertificate(error: Described): boolean {
  return fact(error, 'file') !== '' && fact(error, 'type') !== '';
}

function storeWords(error: Described): string {
  if (!isTrustedCertificate(error) || error.code.startsWith('NOTARY_TRUST_STORE_')) {
    return causeWords(error);
  }
  const where = `trusted certificate ${fact(error, 'file')} in trust store ${fact(error, 'name')} of type ${fact(error, 'type')}`;
  const subject = quote(fact(error, 'subject'));
  switch (error.code) {
    case 'NOTARY_CERTIFICATE_NOT_ANCHOR':
      return `failed to validate the ${where}. certificate with subject ${subject} is not a CA certificate or self-signed signing certificate`;
    case 'NOTARY_CERTIFICATE_NOT_ROOT':
      return `${where} is invalid: certificate with subject ${subject} is not a root CA certificate`;
    default:
      return `failed to read the ${where}. ${fact(error, 'reason')}`;
  }
}

function rootOf(error: VerificationError): Described {
  return isDescribed(error.cause) ? error.cause : error;
}

function isDescribed(value: unknown): value is Described & Error {
  return value instanceof Error && 'code' in value;
}

/** notation's words for why a check failed, from the cause within a verdict. */
export function checkWords(cause: Described): string {
  switch (cause.code) {
    case 'NOTARY_CHAIN_UNTRUSTED':
      return "the signature's certificate chain does not contain any trusted certificate";
    case 'NOTARY_IDENTITY_MISMATCH':
      return `signing certificate from the digital signature does not match the X.509 trusted identities ${list(cause)} defined in the trust policy ${quote(fact(cause, 'statement'))}`;
    case 'NOTARY_IDENTITY_NONE':
      return `no x509 trusted identities are configured in the trust policy ${quote(fact(cause, 'statement'))}`;
    case 'NOTARY_TRUST_STORE_NONE':
      return 'no trusted certificates are found to verify authenticity';
    case 'NOTARY_SIGNATURE_EXPIRED':
      return `digital signature has expired on ${quote(formatRfc1123(time(cause, 'expiry')))}`;
    case 'NOTARY_CERTIFICATE_NOT_YET_VALID':
      return `verification time is before certificate ${quote(fact(cause, 'subject'))} validity period, it will be valid from ${quote(formatRfc1123(time(cause, 'notBefore')))}`;
    case 'NOTARY_CERTIFICATE_EXPIRED':
      return `verification time is after certificate ${quote(fact(cause, 'subject'))} validity period, it was expired at ${quote(formatRfc1123(time(cause, 'notAfter')))}`;
    case 'NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING':
      return `certificate ${quote(fact(cause, 'subject'))} was not valid when the digital signature was produced at ${quote(formatRfc1123(time(cause, 'at')))}`;
    case 'NOTARY_TIMESTAMP_MISSING':
      return 'no timestamp countersignature was found in the signature envelope';
    default:
      return pluginVerifyingWords(cause) ?? causeWords(cause);
  }
}

function time(cause: Described, name: string): number {
  const value = cause.data?.[name];
  return typeof value === 'number' ? value : 0;
}

function list(cause: Described): string {
  const identities = cause.data?.['identities'];
  if (!Array.isArray(identities)) return '[]';
  return `[${identities.map((identity) => quote(String(identity))).join(' ')}]`;
}
