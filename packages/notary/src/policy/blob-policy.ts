import {
  type Decoder,
  type FileNote,
  goBool,
  goList,
  goStruct,
  goText,
} from '../files/go-decode.ts';
import type { PlaceFinder } from '../files/go-places.ts';
import {
  type NotationPolicyFormat,
  notationPolicyPlaces,
  type ParsePolicyOptions,
  readNotationPolicy,
} from './notation-policy.ts';
import {
  type RawSignatureStatement,
  SIGNATURE_STATEMENT_FIELDS,
  ZERO_SIGNATURE_STATEMENT,
} from './oci-policy.ts';
import { brokenRule } from './rules.ts';
import type { SignatureStatement } from './statement.ts';
import { validateSignatureStatement, validateStatements } from './validate.ts';

/** A validated statement of a blob trust policy. */
export interface BlobTrustStatement extends SignatureStatement {
  /** A blob has one signature at hand, so that nothing can ask for more. */
  readonly threshold: 1;
  /** Decides where no statement is asked for by name. */
  readonly globalPolicy: boolean;
}

/** A validated blob trust policy: names are unique, and one statement at most is global. */
export interface BlobTrustPolicy {
  readonly version: '1.0';
  readonly statements: readonly BlobTrustStatement[];
  /** What a second reader of the file could read differently, or not expect. */
  readonly notes: readonly FileNote[];
}

interface RawBlobStatement extends RawSignatureStatement {
  readonly globalPolicy: boolean;
}

interface RawBlobPolicy {
  readonly version: string;
  readonly trustPolicies: readonly RawBlobStatement[];
}

const BLOB_POLICY_DECODER: Decoder<RawBlobPolicy> = goStruct<RawBlobPolicy>({
  version: goText,
  trustPolicies: goList(
    goStruct<RawBlobStatement>({ ...SIGNATURE_STATEMENT_FIELDS, globalPolicy: goBool }),
    { ...ZERO_SIGNATURE_STATEMENT, globalPolicy: false },
  ),
});

/**
 * Reads and validates a blob trust policy in notation's file format, as `parseOciTrustPolicy` does
 * for images. A global statement of level skip is refused, as the specification demands; the
 * reference means to and does not.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED` if it is not JSON of the expected types,
 *   `NOTARY_POLICY_INVALID` with `data.rule`, and `data.policy` of `blob`, if it breaks a rule; both
 *   with the place in `data`, as {@link POLICY_RULES} says
 * @see specifications trust-store-trust-policy.md "Blob Trust Policy"
 */
export function parseBlobTrustPolicy(
  bytes: Uint8Array,
  options: ParsePolicyOptions = {},
): BlobTrustPolicy {
  return readNotationPolicy(bytes, BLOB_POLICY_FORMAT, options);
}

/**
 * Finds places in a text that {@link parseBlobTrustPolicy} reads, or that it refuses for what it says.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED` if it is not JSON
 */
export function blobTrustPolicyPlaces(bytes: Uint8Array): PlaceFinder {
  return notationPolicyPlaces(bytes, BLOB_POLICY_FORMAT);
}

const BLOB_POLICY_FORMAT: NotationPolicyFormat<RawBlobPolicy, BlobTrustStatement> = {
  policy: 'blob',
  decoder: BLOB_POLICY_DECODER,
  zero: { version: '', trustPolicies: [] },
  validate: validateBlobStatements,
};

function validateBlobStatements(policy: RawBlobPolicy): readonly BlobTrustStatement[] {
  let hasGlobal = false;
  return validateStatements(policy, (raw, at) => {
    const statement = validateSignatureStatement(raw, at);
    const { name, globalPolicy } = raw;
    if (globalPolicy) {
      if (hasGlobal) {
        throw brokenRule(
          'global-duplicate',
          { statement: name },
          { path: [...at, 'globalPolicy'] },
        );
      }
      if (statement.signatureVerification.level === 'skip') {
        const path = [...at, 'signatureVerification', 'level'];
        throw brokenRule('global-skip', { statement: name }, { path });
      }
      hasGlobal = true;
    }
    return { ...statement, threshold: 1, globalPolicy };
  });
}
