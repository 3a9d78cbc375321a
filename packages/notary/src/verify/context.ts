import type { CryptoPort } from '@nv2/core';
import type { NotaryPayload, VerifiedEnvelope } from '@nv2/envelope';
import type { Descriptor } from '@nv2/oci';
import type { Certificate } from '@nv2/x509';
import type { Actions } from '../policy/levels.ts';
import type { TrustStatement } from '../policy/oci-policy.ts';
import type { RevocationChecker } from '../revocation/finding.ts';
import type { TrustStore, TrustStoreType } from '../truststore/trust-store.ts';

/** What all signatures of one verification are judged by. */
export interface JudgeContext {
  readonly subject: Descriptor;
  readonly statement: TrustStatement;
  readonly actions: Actions;
  readonly anchors: Anchors;
  readonly userMetadata: ReadonlyMap<string, string>;
  readonly now: () => Date;
  readonly crypto?: CryptoPort;
  readonly revocation?: RevocationChecker;
  readonly signal?: AbortSignal;
}

/** A signature whose integrity holds, and the one time at which it is judged. */
export interface IntactSignature {
  readonly envelope: VerifiedEnvelope;
  readonly payload: NotaryPayload;
  /** Of the leaf certificate, as Go prints it. */
  readonly subject: string;
  /** The verification plugin that the signature asks for. */
  readonly plugin?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The trusted certificates of a statement by type of store; each store is read once at most. */
export type Anchors = (type: TrustStoreType) => Promise<readonly Certificate[]>;

/** The stores of a statement, read when they are first asked for. */
export function anchorsOf(statement: TrustStatement, trustStore: TrustStore): Anchors {
  const loaded = new Map<TrustStoreType, Promise<readonly Certificate[]>>();
  const anchors: Anchors = (type) => {
    const known = loaded.get(type);
    if (known !== undefined) return known;
    const loading = loadAnchors(statement, type, trustStore);
    loaded.set(type, loading);
    return loading;
  };
  return anchors;
}

/** Reads the stores that decide about authenticity ahead of the check that needs them. */
export function readAhead(anchors: Anchors): void {
  for (const type of ['ca', 'signingAuthority'] as const) {
    // a failure is the result of that check, or of none
    anchors(type).catch(() => undefined);
  }
}

async function loadAnchors(
  statement: TrustStatement,
  type: TrustStoreType,
  trustStore: TrustStore,
): Promise<readonly Certificate[]> {
  const names = new Set(
    statement.trustStores.filter((store) => store.type === type).map((store) => store.name),
  );
  const stores = await Promise.all([...names].map((name) => trustStore.certificates(type, name)));
  return stores.flat();
}
