import {
  type Decoder,
  type FileNote,
  goList,
  goStruct,
  goText,
  goTextMap,
} from '../files/go-decode.ts';
import type { PlaceFinder } from '../files/go-places.ts';
import {
  type NotationPolicyFormat,
  notationPolicyPlaces,
  type ParsePolicyOptions,
  readNotationPolicy,
} from './notation-policy.ts';
import type { TrustStatement } from './statement.ts';
import { assertScopes, validateOciTrustPolicy } from './validate.ts';

/** A validated OCI trust policy: every rule holds, no two statements share a name or a scope. */
export interface OciTrustPolicy {
  readonly version: '1.0';
  readonly statements: readonly TrustStatement[];
  /** What a second reader of the file could read differently, or not expect. */
  readonly notes: readonly FileNote[];
}

/** A policy as it stands in the file, before any rule is checked. */
export interface RawPolicy {
  readonly version: string;
  readonly trustPolicies: readonly RawStatement[];
}

/** What statements about images and about blobs share, as it stands in the file. */
export interface RawSignatureStatement {
  readonly name: string;
  readonly signatureVerification: RawSignatureVerification;
  readonly trustStores: readonly string[];
  readonly trustedIdentities: readonly string[];
}

/** A statement as it stands in the file. */
export interface RawStatement extends RawSignatureStatement {
  readonly registryScopes: readonly string[];
}

/** `signatureVerification` as it stands in the file. */
export interface RawSignatureVerification {
  readonly level: string;
  readonly override: ReadonlyMap<string, string>;
  readonly verifyTimestamp: string;
}

const ZERO_VERIFICATION: RawSignatureVerification = {
  level: '',
  override: new Map(),
  verifyTimestamp: '',
};

/** A statement whose fields are all absent. */
export const ZERO_SIGNATURE_STATEMENT: RawSignatureStatement = {
  name: '',
  signatureVerification: ZERO_VERIFICATION,
  trustStores: [],
  trustedIdentities: [],
};

/** How the fields of {@link RawSignatureStatement} are read. */
export const SIGNATURE_STATEMENT_FIELDS: {
  readonly [K in keyof RawSignatureStatement]: Decoder<RawSignatureStatement[K]>;
} = {
  name: goText,
  signatureVerification: goStruct<RawSignatureVerification>({
    level: goText,
    override: goTextMap,
    verifyTimestamp: goText,
  }),
  trustStores: goList(goText, ''),
  trustedIdentities: goList(goText, ''),
};

const POLICY_DECODER: Decoder<RawPolicy> = goStruct<RawPolicy>({
  version: goText,
  trustPolicies: goList(
    goStruct<RawStatement>({
      ...SIGNATURE_STATEMENT_FIELDS,
      registryScopes: goList(goText, ''),
    }),
    { ...ZERO_SIGNATURE_STATEMENT, registryScopes: [] },
  ),
});

/**
 * Reads and validates an OCI trust policy in notation's file format.
 *
 * The bytes are read exactly as the reference reads them, because a policy must not mean one thing
 * to it and another to nv2: keys match in any case, unknown keys are ignored, of equal keys the last
 * wins. Each such place is listed in `notes`.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED` if it is not JSON of the expected types,
 *   `NOTARY_POLICY_INVALID` with `data.rule` if it breaks a rule; both with the place in `data`, as
 *   {@link POLICY_RULES} says
 * @see specifications trust-store-trust-policy.md "Trust Policy Properties"
 */
export function parseOciTrustPolicy(
  bytes: Uint8Array,
  options: ParsePolicyOptions = {},
): OciTrustPolicy {
  return readNotationPolicy(bytes, OCI_POLICY_FORMAT, options);
}

/**
 * Finds places in a text that {@link parseOciTrustPolicy} reads, or that it refuses for what it says.
 *
 * @throws NotaryError `NOTARY_POLICY_MALFORMED` if it is not JSON
 */
export function ociTrustPolicyPlaces(bytes: Uint8Array): PlaceFinder {
  return notationPolicyPlaces(bytes, OCI_POLICY_FORMAT);
}

const OCI_POLICY_FORMAT: NotationPolicyFormat<RawPolicy, TrustStatement> = {
  policy: 'oci',
  decoder: POLICY_DECODER,
  zero: { version: '', trustPolicies: [] },
  validate: validateOciTrustPolicy,
  assertLast: assertScopes,
};
