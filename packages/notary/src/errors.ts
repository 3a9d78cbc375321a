import { type ErrorDetails, Nv2Error } from '@nv2/core';

/** The error codes of `@nv2/notary`. */
export const NOTARY_ERRORS = {
  // files
  NOTARY_FILE_NOT_FOUND: { kind: 'missing', meaning: 'a configuration file does not exist' },
  NOTARY_FILE_NOT_REGULAR: {
    kind: 'input',
    meaning: 'a configuration file is a directory, a symbolic link or a device',
  },
  NOTARY_FILE_DENIED: {
    kind: 'denied',
    meaning: 'the operating system refused access to a configuration file',
  },
  NOTARY_FILE_TOO_LARGE: { kind: 'input', meaning: 'a configuration file exceeds its size limit' },
  NOTARY_FILE_FAILED: {
    kind: 'unavailable',
    meaning: 'a configuration file could not be read or written',
  },
  NOTARY_FILE_BUSY: {
    kind: 'conflict',
    meaning: 'another process is changing a configuration file',
  },
  NOTARY_CONFIG_MALFORMED: { kind: 'input', meaning: 'config.json is malformed' },

  // trust policy
  NOTARY_POLICY_NOT_FOUND: { kind: 'missing', meaning: 'no trust policy is configured' },
  NOTARY_POLICY_MALFORMED: {
    kind: 'input',
    meaning:
      'a trust policy is not JSON of the expected types; data.line and data.column name the place where it has one',
  },
  NOTARY_POLICY_INVALID: {
    kind: 'input',
    meaning:
      'a trust policy breaks a rule, which data.rule names, at the place that data.path, data.line and data.column name',
  },
  NOTARY_OWN_POLICY_INVALID: {
    kind: 'input',
    meaning:
      "a trust policy in nv2's own format, or the denial list, has a mistake, at the place that data.path names",
  },
  NOTARY_POLICY_INEXPRESSIBLE: {
    kind: 'input',
    meaning: 'a trust policy says what the format it is to be converted to cannot say',
  },
  NOTARY_POLICY_NOT_APPLICABLE: {
    kind: 'untrusted',
    meaning: 'no statement of the trust policy applies to the artifact',
  },
  NOTARY_POLICY_STATEMENT_NOT_FOUND: {
    kind: 'missing',
    meaning: 'the blob trust policy has no statement of the name that was asked for',
  },
  NOTARY_IDENTITY_INVALID: {
    kind: 'input',
    meaning: 'text names no attributes of a subject by which a signer could be known',
  },
  NOTARY_SCOPE_INVALID: {
    kind: 'input',
    meaning: 'text is not a fully qualified repository, so no trust policy can be selected for it',
  },

  // trust store
  NOTARY_TRUST_STORE_TYPE_INVALID: {
    kind: 'input',
    meaning: 'a trust store type is not ca, signingAuthority or tsa',
  },
  NOTARY_TRUST_STORE_NAME_INVALID: {
    kind: 'input',
    meaning: 'the name of a trust store, or of a file in it, is not allowed',
  },
  NOTARY_TRUST_STORE_NOT_FOUND: { kind: 'missing', meaning: 'a trust store does not exist' },
  NOTARY_TRUST_STORE_NOT_DIRECTORY: {
    kind: 'input',
    meaning: 'a trust store is a symbolic link or not a directory',
  },
  NOTARY_TRUST_STORE_UNREADABLE: {
    kind: 'unavailable',
    meaning: 'a trust store could not be read',
  },
  NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR: {
    kind: 'input',
    meaning: 'a trust store holds a directory or a symbolic link',
  },
  NOTARY_TRUST_STORE_EMPTY: { kind: 'missing', meaning: 'a trust store holds no certificate' },
  NOTARY_TRUST_STORE_LIMIT: {
    kind: 'input',
    meaning: 'a trust store holds more files, bytes or certificates than allowed',
  },
  NOTARY_CERTIFICATE_UNREADABLE: {
    kind: 'input',
    meaning: 'a file holds no certificate that can be read',
  },
  NOTARY_CERTIFICATE_NOT_ANCHOR: {
    kind: 'input',
    meaning: 'a certificate of a trust store is neither a CA certificate nor self-signed',
  },
  NOTARY_CERTIFICATE_NOT_ROOT: {
    kind: 'input',
    meaning: 'a certificate of a timestamping trust store is not a self-issued root',
  },
  NOTARY_CERTIFICATE_EXISTS: {
    kind: 'conflict',
    meaning: 'a trust store has a certificate file of that name already',
  },
  NOTARY_CERTIFICATE_NOT_FOUND: {
    kind: 'missing',
    meaning: 'a trust store has no certificate file of that name',
  },

  // signing keys
  NOTARY_KEYS_MALFORMED: {
    kind: 'input',
    meaning: 'signingkeys.json is malformed, in the way that data.rule names',
  },
  NOTARY_KEY_NAME_EMPTY: { kind: 'input', meaning: 'the name or id of a signing key is empty' },
  NOTARY_KEY_EXISTS: { kind: 'conflict', meaning: 'a signing key of that name exists already' },
  NOTARY_KEY_NOT_FOUND: { kind: 'missing', meaning: 'no signing key has that name' },
  NOTARY_KEY_NO_DEFAULT: { kind: 'missing', meaning: 'no default signing key is set' },
  NOTARY_KEY_INCOMPLETE: {
    kind: 'input',
    meaning:
      'a listed signing key names no key file, no certificate file, or neither these nor a plugin',
  },
  NOTARY_KEY_PLUGIN_UNSUPPORTED: {
    kind: 'unavailable',
    meaning: 'a signing key lives in a plugin, and the caller gave no way to run plugins',
  },
  NOTARY_KEY_INVALID: {
    kind: 'input',
    meaning:
      'a private key file holds no key of a supported kind, or encrypted in an unsupported way',
  },
  NOTARY_KEY_PASSPHRASE: {
    kind: 'input',
    meaning: 'a private key is encrypted, and its passphrase is missing or wrong',
  },
  NOTARY_KEY_CERTIFICATE_INVALID: {
    kind: 'input',
    meaning: 'a certificate chain file holds no certificate that can be read',
  },
  NOTARY_KEY_MISMATCH: {
    kind: 'input',
    meaning: 'a private key does not belong to the first certificate of its chain',
  },

  // signing and finding signatures
  NOTARY_MEDIA_TYPE_UNSUPPORTED: {
    kind: 'input',
    meaning: 'a signature envelope is neither JWS nor COSE',
  },
  NOTARY_EXPIRY_INVALID: {
    kind: 'input',
    meaning: 'an expiry is negative or not a whole number of seconds',
  },
  NOTARY_METADATA_RESERVED: {
    kind: 'input',
    meaning: 'a user metadata key begins with a reserved prefix',
  },
  NOTARY_BLOB_MEDIA_TYPE_INVALID: {
    kind: 'input',
    meaning: 'the media type given for a blob is none',
  },
  NOTARY_BLOB_UNREADABLE: {
    kind: 'unavailable',
    meaning: 'a blob could not be read to its end',
  },
  NOTARY_LIMIT_INVALID: {
    kind: 'input',
    meaning: 'a limit on the number of signatures is not a positive whole number',
  },
  NOTARY_DIGEST_CHANGED: {
    kind: 'untrusted',
    meaning: 'a digest was asked for and resolved to another',
  },
  NOTARY_SIGNATURE_MANIFEST_INVALID: {
    kind: 'untrusted',
    meaning: 'a referrer is not a Notary Project signature manifest',
  },

  // the verdict
  NOTARY_RESOLVE_FAILED: {
    kind: 'unavailable',
    meaning: 'the artifact to verify could not be resolved to a digest',
  },
  NOTARY_ARTIFACT_NOT_FOUND: {
    kind: 'missing',
    meaning: 'the artifact to verify, sign or inspect does not exist',
  },
  NOTARY_REFERRERS_FAILED: {
    kind: 'unavailable',
    meaning: 'the signatures of the artifact could not be listed',
  },
  NOTARY_ARTIFACT_DENIED: { kind: 'untrusted', meaning: 'the digest of the artifact is denied' },
  NOTARY_SIGNATURE_NOT_FOUND: { kind: 'untrusted', meaning: 'the artifact has no signature' },
  NOTARY_SIGNATURE_LIMIT: {
    kind: 'untrusted',
    meaning: 'as many signatures as allowed were checked and none of them is valid',
  },
  NOTARY_VERIFICATION_FAILED: {
    kind: 'untrusted',
    meaning: 'none of the signatures of the artifact is valid',
  },
  NOTARY_VERIFICATION_UNDECIDED: {
    kind: 'unavailable',
    meaning: 'no signature is valid, and at least one of them could not be decided',
  },

  // causes within a verdict
  NOTARY_UNEXPECTED: {
    kind: 'internal',
    meaning: 'something failed in a way that nv2 does not foresee',
  },
  NOTARY_SIGNATURE_DENIED: {
    kind: 'untrusted',
    meaning: 'the denial list has the digest of a signature, or of its envelope',
  },
  NOTARY_SUBJECT_MISMATCH: {
    kind: 'untrusted',
    meaning: 'a signature is about another artifact than the one to verify',
  },
  NOTARY_METADATA_MISMATCH: {
    kind: 'untrusted',
    meaning: 'a signature lacks user metadata that was asked for',
  },
  NOTARY_ATTRIBUTE_UNSUPPORTED: {
    kind: 'untrusted',
    meaning: 'a signature has a critical attribute that nv2 does not know',
  },
  NOTARY_ATTRIBUTE_INVALID: {
    kind: 'untrusted',
    meaning: 'an attribute of a signature that names a verification plugin is malformed',
  },
  NOTARY_ATTRIBUTE_UNPROCESSED: {
    kind: 'untrusted',
    meaning: 'the verification plugin did not process a critical attribute of a signature',
  },
  // plugins
  NOTARY_PLUGIN_TOO_OLD: {
    kind: 'untrusted',
    meaning: 'a signature needs a later version of its verification plugin than is installed',
  },
  NOTARY_PLUGIN_RESULTS_MISMATCH: {
    kind: 'untrusted',
    meaning: 'a verification plugin has no result for what it was asked, or one for something else',
  },
  NOTARY_PLUGIN_REFUSED: {
    kind: 'untrusted',
    meaning: 'a verification plugin refuses the signer, or finds a certificate revoked',
  },
  NOTARY_PLUGIN_NAME_INVALID: { kind: 'input', meaning: 'text cannot be the name of a plugin' },
  NOTARY_PLUGIN_NOT_FOUND: { kind: 'missing', meaning: 'no plugin of that name is installed' },
  NOTARY_PLUGIN_NOT_REGULAR: {
    kind: 'input',
    meaning: 'the executable of a plugin is not a regular file',
  },
  NOTARY_PLUGIN_DIRECTORY_UNREADABLE: {
    kind: 'unavailable',
    meaning: 'the directory of plugins could not be read or changed',
  },
  NOTARY_PLUGIN_NOT_STARTED: {
    kind: 'unavailable',
    meaning: 'a plugin could not be run',
  },
  NOTARY_PLUGIN_CRASHED: {
    kind: 'unavailable',
    meaning: 'a plugin that ran ended without a word',
  },
  NOTARY_PLUGIN_TIMEOUT: { kind: 'unavailable', meaning: 'a plugin did not answer in time' },
  NOTARY_PLUGIN_MALFORMED: {
    kind: 'unavailable',
    meaning: 'a plugin answered otherwise than the plugin contract says',
  },
  NOTARY_PLUGIN_FAILED: {
    kind: 'unavailable',
    meaning: 'a plugin reported an error, whose code is in data.errorCode',
  },
  NOTARY_PLUGIN_METADATA_INVALID: {
    kind: 'input',
    meaning: 'the metadata of a plugin are incomplete, or for another version of the contract',
  },
  NOTARY_PLUGIN_CAPABILITY_MISSING: {
    kind: 'input',
    meaning: 'a plugin cannot do what is asked of it',
  },
  NOTARY_PLUGIN_ANSWER_REFUSED: {
    kind: 'unavailable',
    meaning:
      'what a plugin answered that was to sign cannot be used; data.rule and data.causeCode say why',
  },
  NOTARY_PLUGIN_TIMESTAMP_UNSUPPORTED: {
    kind: 'input',
    meaning: 'a timestamp was asked for where a plugin makes the whole envelope',
  },
  NOTARY_PLUGIN_NAME_MISMATCH: {
    kind: 'input',
    meaning: 'a plugin has another name than its executable',
  },
  NOTARY_PLUGIN_SOURCE_INVALID: { kind: 'input', meaning: 'no plugin can be installed from there' },
  NOTARY_PLUGIN_ARCHIVE_INVALID: {
    kind: 'input',
    meaning: 'an archive with a plugin is damaged, or holds what no plugin needs',
  },
  NOTARY_PLUGIN_TOO_LARGE: { kind: 'input', meaning: 'the files of a plugin are too large' },
  NOTARY_PLUGIN_CHECKSUM_MISMATCH: {
    kind: 'untrusted',
    meaning: 'a plugin to be installed does not have the checksum that was given',
  },
  NOTARY_PLUGIN_URL_INVALID: {
    kind: 'input',
    meaning: 'no plugin can be downloaded from such a URL; https is required',
  },
  NOTARY_PLUGIN_DOWNLOAD_FAILED: {
    kind: 'unavailable',
    meaning: 'the host answered the download of a plugin with an error',
  },
  NOTARY_PLUGIN_VERSION_INVALID: {
    kind: 'input',
    meaning: 'the version of a plugin is no semantic version',
  },
  NOTARY_PLUGIN_SAME_VERSION: {
    kind: 'conflict',
    meaning: 'the same version of a plugin is installed already',
  },
  NOTARY_PLUGIN_DOWNGRADE: {
    kind: 'conflict',
    meaning: 'a higher version of a plugin is installed already',
  },
  NOTARY_PLUGIN_INSTALL_FAILED: {
    kind: 'unavailable',
    meaning: 'the files of a plugin could not be put in their place',
  },
  NOTARY_PLUGIN_UNSUPPORTED: {
    kind: 'unavailable',
    meaning:
      'a signature asks for a verification plugin, and the caller gave no way to run plugins',
  },
  NOTARY_TRUST_STORE_NONE: {
    kind: 'untrusted',
    meaning: 'the policy statement names no trust store for the signing scheme of the signature',
  },
  NOTARY_CHAIN_UNTRUSTED: {
    kind: 'untrusted',
    meaning: 'no certificate of the signing chain is in a trust store of the policy statement',
  },
  NOTARY_IDENTITY_NONE: {
    kind: 'untrusted',
    meaning: 'the policy statement has no trusted identity of a kind that nv2 can match',
  },
  NOTARY_IDENTITY_MISMATCH: {
    kind: 'untrusted',
    meaning: 'the subject of the signing certificate matches no trusted identity',
  },
  NOTARY_KEY_UNTRUSTED: {
    kind: 'untrusted',
    meaning: 'the key of the signing certificate is none of those that the policy statement names',
  },
  NOTARY_PLUGIN_AMONG_SIGNERS: {
    kind: 'untrusted',
    meaning: 'a signature asks for a verification plugin where the policy asks for several signers',
  },
  NOTARY_SIGNERS_MISSING: {
    kind: 'untrusted',
    meaning: 'signatures are valid, but of fewer signers than the policy statement asks for',
  },
  NOTARY_PLATFORMS_MISSING: {
    kind: 'untrusted',
    meaning:
      'what is verified is no index with all the platforms that the policy statement asks for',
  },
  NOTARY_INDEX_INVALID: {
    kind: 'untrusted',
    meaning: 'an index is malformed, too large, or holds what nothing can be said about',
  },
  NOTARY_INDEX_FAILED: {
    kind: 'unavailable',
    meaning: 'an index, or what it holds, could not be read',
  },
  NOTARY_SIGNATURE_TOO_OLD: {
    kind: 'untrusted',
    meaning:
      'a signature was made longer ago than the policy statement allows, or says a time that is yet to come',
  },
  NOTARY_SIGNATURE_EXPIRED: { kind: 'untrusted', meaning: 'a signature is past its expiry' },
  NOTARY_CERTIFICATE_NOT_YET_VALID: {
    kind: 'untrusted',
    meaning: 'a certificate of the signing chain is not valid yet',
  },
  NOTARY_CERTIFICATE_EXPIRED: {
    kind: 'untrusted',
    meaning: 'a certificate of the signing chain has expired',
  },
  NOTARY_CERTIFICATE_NOT_VALID_AT_SIGNING: {
    kind: 'untrusted',
    meaning: 'a certificate of the signing chain was not valid at the authentic signing time',
  },
  NOTARY_TIMESTAMP_MISSING: {
    kind: 'untrusted',
    meaning: 'the policy asks for a timestamp countersignature and the signature has none',
  },
  NOTARY_TIMESTAMP_OUTSIDE_VALIDITY: {
    kind: 'untrusted',
    meaning: 'the timestamp does not prove that a signing certificate was valid',
  },
  NOTARY_TIMESTAMP_SERVICE: {
    kind: 'unavailable',
    meaning: 'a timestamp authority cannot be asked, or gave no timestamp that can be used',
  },
  NOTARY_TIMESTAMP_ROOT_INVALID: {
    kind: 'input',
    meaning: 'a file does not hold the one root certificate of a timestamp authority',
  },
  NOTARY_CERTIFICATE_REVOKED: { kind: 'untrusted', meaning: 'a certificate was revoked' },
  NOTARY_REVOCATION_UNKNOWN: {
    kind: 'unavailable',
    meaning: 'whether a certificate was revoked could not be found out',
  },
  NOTARY_REVOCATION_SERVICE: {
    kind: 'unavailable',
    meaning: 'a revocation service cannot be asked, or gave no usable answer',
  },
  NOTARY_REVOCATION_UNSUPPORTED: {
    kind: 'unavailable',
    meaning: 'a certificate names a revocation service, and the caller gave no way to ask one',
  },
  NOTARY_REVOCATION_OFFLINE_UNREADABLE: {
    kind: 'unavailable',
    meaning:
      'the directory of kept answers about revocation, or the file in it that data.path names, cannot be read',
  },
  NOTARY_REVOCATION_OFFLINE_MISSING: {
    kind: 'unavailable',
    meaning: 'no kept answer is about a certificate that could be revoked',
  },
  NOTARY_REVOCATION_OFFLINE_TOO_OLD: {
    kind: 'unavailable',
    meaning: 'a kept answer about revocation is older than the trust policy allows',
  },
} as const;

/** A key of {@link NOTARY_ERRORS}. */
export type NotaryErrorCode = keyof typeof NOTARY_ERRORS;

/** An error of `@nv2/notary`. */
export class NotaryError extends Nv2Error {
  readonly code: NotaryErrorCode;

  constructor(code: NotaryErrorCode, message: string, details?: ErrorDetails) {
    super(NOTARY_ERRORS[code].kind, message, details);
    this.code = code;
  }
}
