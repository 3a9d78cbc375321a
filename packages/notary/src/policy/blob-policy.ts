import { NotaryError } from '../errors.ts';
import {
  type Decoder,
  decodeGoJson,
  type FileNote,
  goBool,
  goList,
  goStruct,
  goText,
} from '../files/go-decode.ts';
import {
  MAX_POLICY_BYTES,
  type ParsePolicyOptions,
  type RawSignatureStatement,
  SIGNATURE_STATEMENT_FIELDS,
  ZERO_SIGNATURE_STATEMENT,
} from './oci-policy.ts';
import { policyOctets } from './policy-octets.ts';
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
 *   `NOTARY_POLICY_INVALID` with `data.rule`, and `data.policy` of `blob`, if it breaks a rule
 * @see specifications trust-store-trust-policy.md "Blob Trust Policy"
 */
export function parseBlobTrustPolicy(
  bytes: Uint8Array,
  options: ParsePolicyOptions = {},
): BlobTrustPolicy {
  const { value, notes } = decodeGoJson(policyOctets(bytes), BLOB_POLICY_DECODER, {
    code: 'NOTARY_POLICY_MALFORMED',
    maxBytes: MAX_POLICY_BYTES,
    zero: { version: '', trustPolicies: [] },
    allowTrailingData: options.allowTrailingData ?? false,
  });
  try {
    return { version: '1.0', statements: validateBlobStatements(value), notes };
  } catch (cause) {
    throw cause instanceof NotaryError ? aboutBlobs(cause) : cause;
  }
}

function validateBlobStatements(policy: RawBlobPolicy): readonly BlobTrustStatement[] {
  let hasGlobal = false;
  return validateStatements(policy, (raw) => {
    const statement = validateSignatureStatement(raw);
    const { globalPolicy } = raw;
    if (globalPolicy) {
      if (hasGlobal) throw brokenRule('global-duplicate', { statement: raw.name });
      if (statement.signatureVerification.level === 'skip')
        throw brokenRule('global-skip', { statement: raw.name });
      hasGlobal = true;
    }
    return { ...statement, threshold: 1, globalPolicy };
  });
}

function aboutBlobs({ code, message, data, hint }: NotaryError): NotaryError {
  return new NotaryError(code, message, {
    data: { ...data, policy: 'blob' },
    hint: hint && 'correct the blob trust policy and import it again',
  });
}
