import type { Platform } from '@nv2/oci';
import type { OfflineAnswers, RevocationMethod } from '../revocation/finding.ts';
import type { ServiceFailure } from '../revocation/service-failure.ts';
import type { TrustStoreReference } from '../truststore/trust-store.ts';
import type { TrustedIdentity } from './identities.ts';
import { resolveActions, type SignatureVerification } from './levels.ts';
import type { Scope } from './scopes.ts';

/** One of those whose signature a statement asks for. */
export interface RequiredSigner {
  readonly name: string;
  /** Of the types `ca` and `signingAuthority`. Empty only where `keys` says who may sign. */
  readonly trustStores: readonly TrustStoreReference[];
  readonly trustedIdentities: readonly TrustedIdentity[];
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex, of the keys that may sign. Absent: any. */
  readonly keys?: ReadonlySet<string>;
}

/** What a validated statement demands of signatures, whatever they are about. */
export interface SignatureStatement {
  readonly name: string;
  readonly signatureVerification: SignatureVerification;
  /** At least one, with names of their own, unless the level is `skip`. */
  readonly signers: readonly RequiredSigner[];
  /**
   * How many of the signers must have signed, each with a key of its own: 1 to their number. More
   * than 1 only where authenticity is enforced.
   */
  readonly threshold: number;
  /** Trust stores of the type `tsa`. */
  readonly timestampStores: readonly TrustStoreReference[];
  /** Demands of nv2's own policy format. */
  readonly demands?: SignatureDemands;
  /** How revocation is asked about, of nv2's own policy format too. Absent: as by default. */
  readonly revocation?: RevocationTuning;
}

/** How a statement has revocation asked about, of whoever signed and of whoever said when. */
export interface RevocationTuning {
  /** How long one question may take. */
  readonly timeoutSeconds?: number;
  /** What may be passed over; anything else never is. Not beside `offline`. */
  readonly softFail?: readonly SoftFailure[];
  /** Where all answers are, in place of the services. */
  readonly offline?: OfflineAnswers;
}

/** Failures of services to answer that may be passed over. */
export interface SoftFailure {
  /** As `host` or `host:port`, the port as URLs have it; `any` for all. */
  readonly hosts: ReadonlySet<string> | 'any';
  readonly methods: ReadonlySet<RevocationMethod>;
  readonly failures: ReadonlySet<ServiceFailure>;
}

/** What a statement demands of every signature that is to count, besides the checks of its level. */
export interface SignatureDemands {
  /** User metadata that must be signed. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The signing time must not lie further back. */
  readonly maxAgeSeconds?: number;
}

/** A validated statement about images and other OCI artifacts. */
export interface TrustStatement extends SignatureStatement {
  readonly scopes: readonly Scope[];
  /** What is verified must be an index with a manifest for each of these. Absent: anything. */
  readonly platforms?: readonly Platform[];
}

/** Every trust store that a statement names. */
export function trustStoresOf({
  signers,
  timestampStores,
}: SignatureStatement): readonly TrustStoreReference[] {
  return [...signers.flatMap(({ trustStores }) => trustStores), ...timestampStores];
}

/** Every identity that a statement trusts. */
export function trustedIdentitiesOf({ signers }: SignatureStatement): readonly TrustedIdentity[] {
  return signers.flatMap(({ trustedIdentities }) => trustedIdentities);
}

/**
 * The identities that are asked for of a signer: none of one that is known by key alone, as without a
 * trust store nobody vouches for an identity.
 */
export function askedIdentities({
  trustStores,
  trustedIdentities,
  keys,
}: RequiredSigner): readonly TrustedIdentity[] {
  return trustStores.length === 0 && keys !== undefined ? [] : trustedIdentities;
}

/** Whether a statement asks about revocation at all: of whoever signed, or of whoever said when. */
export function asksAboutRevocation({
  signatureVerification,
  timestampStores,
}: SignatureStatement): boolean {
  const { revocation, authenticTimestamp } = resolveActions(signatureVerification);
  return revocation !== 'skip' || (timestampStores.length > 0 && authenticTimestamp !== 'skip');
}
