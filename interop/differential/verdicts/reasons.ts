// The same reasons in the words of both sides.

interface Reason {
  /** Codes. */
  readonly nv2: readonly string[];
  readonly reference: RegExp;
}

/** By what they are called here. */
const REASONS: Readonly<Record<string, Reason>> = {
  'signature broken': { nv2: ['ENVELOPE_SIGNATURE_INVALID'], reference: /signature is invalid/ },
  'store missing': {
    nv2: ['NOTARY_TRUST_STORE_NOT_FOUND'],
    reference: /the trust store ".*" of type ".*" does not exist$/,
  },
  'store empty': {
    nv2: ['NOTARY_TRUST_STORE_EMPTY'],
    reference: /^no x509 certificates were found in trust store/,
  },
  'store with a leaf': {
    nv2: ['NOTARY_CERTIFICATE_NOT_ANCHOR'],
    reference: /^failed to validate the trusted certificate .* in trust store/,
  },
  'chain untrusted': {
    nv2: ['NOTARY_CHAIN_UNTRUSTED'],
    reference: /does not contain any trusted certificate/,
  },
  'identity another': {
    nv2: ['NOTARY_IDENTITY_MISMATCH'],
    reference: /does not match the X\.509 trusted identities/,
  },
  'identity of no known kind': {
    nv2: ['NOTARY_IDENTITY_NONE'],
    reference: /no x509 trusted identities are configured/,
  },
  'signature expired': {
    nv2: ['NOTARY_SIGNATURE_EXPIRED'],
    reference: /^digital signature has expired on/,
  },
  'certificate expired': {
    nv2: ['NOTARY_CERTIFICATE_EXPIRED'],
    reference: /^verification time is after certificate/,
  },
  'certificate not yet valid': {
    nv2: ['NOTARY_CERTIFICATE_NOT_YET_VALID'],
    reference: /^verification time is before certificate/,
  },
  'certificate not valid at signing': {
    nv2: ['NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING'],
    reference: /was not valid when the digital signature was produced/,
  },
  'timestamp missing': {
    nv2: ['NOTARY_TIMESTAMP_MISSING'],
    reference: /^no timestamp countersignature was found/,
  },
  'timestamp outside validity': {
    nv2: ['NOTARY_TIMESTAMP_OUTSIDE_VALIDITY'],
    reference: /^timestamp can be (before|after) certificate/,
  },
  'timestamp for something else': {
    nv2: ['X509_TIMESTAMP_IMPRINT'],
    reference: /invalid TSTInfo: mismatched message/,
  },
  'timestamp damaged': {
    nv2: ['X509_BER_INVALID'],
    reference: /failed to convert from BER to DER/,
  },
  'timestamp authority untrusted': {
    nv2: ['X509_TIMESTAMP_UNTRUSTED'],
    reference: /failed to verify signed token: .*certificate signed by unknown authority$/,
  },
  'timestamp authority for other purposes': {
    nv2: ['X509_EXTENDED_KEY_USAGE'],
    reference: /must have and only have ExtKeyUsageTimeStamping/,
  },
  revoked: {
    nv2: ['NOTARY_CERTIFICATE_REVOKED'],
    reference: /certificate with subject ".*" is revoked$/,
  },
  'revocation unknown': {
    nv2: ['NOTARY_REVOCATION_UNKNOWN'],
    reference: /certificate with subject ".*" revocation status is unknown$/,
  },
  'plugin refuses': {
    nv2: ['NOTARY_PLUGIN_REFUSED'],
    reference: /by (verification )?plugin ".*" failed with reason/,
  },
  'plugin fails': {
    nv2: ['NOTARY_PLUGIN_FAILED'],
    reference: /failed to verify with plugin fails: no$/,
  },
  'plugin malformed': {
    nv2: ['NOTARY_PLUGIN_MALFORMED'],
    reference: /failed to unmarshal the response of verify-signature/,
  },
  'plugin with other results': {
    nv2: ['NOTARY_PLUGIN_RESULTS_MISMATCH'],
    reference: /verification plugin ".*" failed to verify ".*"$/,
  },
  'plugin too old': {
    nv2: ['NOTARY_PLUGIN_TOO_OLD'],
    reference: /signature verification needs plugin version greater than or equal to/,
  },
  'plugin that cannot verify': {
    nv2: ['NOTARY_PLUGIN_CAPABILITY_MISSING'],
    reference: /requires plugin ".*" with signature verification capabilities/,
  },
  'plugin missing': {
    nv2: ['NOTARY_PLUGIN_NOT_FOUND'],
    reference: /error while locating the verification plugin/,
  },
  'attribute unknown': { nv2: ['NOTARY_ATTRIBUTE_UNSUPPORTED'], reference: /(?!)/ },
  'attribute not processed': {
    nv2: ['NOTARY_ATTRIBUTE_UNPROCESSED'],
    reference: /extended critical attribute ".*" was not processed/,
  },
  'metadata missing': {
    nv2: ['NOTARY_METADATA_MISMATCH'],
    reference: /unable to find specified metadata in the signature$/,
  },
  'about another artifact': {
    nv2: ['NOTARY_SUBJECT_MISMATCH'],
    reference: /content descriptor mismatch$/,
  },
};

/** The name of a reason; what is not known stands for itself, and so is the same as nothing else. */
export function reasonOf(side: 'nv2' | 'reference', said: string): string {
  const found = Object.entries(REASONS).find(([, reason]) =>
    side === 'nv2' ? reason.nv2.includes(said) : reason.reference.test(said),
  );
  return found?.[0] ?? said;
}
