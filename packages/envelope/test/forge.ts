import {
  type CborMap,
  type CborValue,
  cborTag,
  encodeBase64,
  encodeBase64Url,
  encodeCbor,
  encodeUtf8,
  type PrivateKey,
} from '@nv2/core';
import type { Certificate } from '@nv2/x509';
import { signatureAlgorithmFor } from '../src/algorithms.ts';

/** A key with the chain of its certificate. */
export interface Identity {
  readonly chain: readonly Certificate[];
  readonly key: PrivateKey;
}

export const SCHEME = 'io.cncf.notary.signingScheme';
export const SIGNING_TIME = 'io.cncf.notary.signingTime';
export const AUTHENTIC_TIME = 'io.cncf.notary.authenticSigningTime';
export const EXPIRY = 'io.cncf.notary.expiry';
export const AGENT = 'io.cncf.notary.signingAgent';
export const TIMESTAMP = 'io.cncf.notary.timestampSignature';

export const PAYLOAD: Uint8Array = encodeUtf8(
  '{"targetArtifact":{"digest":"sha256:73c803930ea3ba1e54bc25c2bdc53edd0284c62ed651fe7b00369da519a3c333","mediaType":"application/vnd.oci.image.manifest.v1+json","size":16724}}',
);
export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json';

/** The algorithm of an identity's leaf. */
export function algorithmOf({ chain }: Identity): ReturnType<typeof signatureAlgorithmFor> {
  const key = chain[0]?.publicKey;
  if (key === undefined) throw new Error('the identity has no usable certificate');
  return signatureAlgorithmFor(key);
}

/** A JWS envelope that differs from a good one only in what is given, and is correctly signed. */
export interface JwsChanges {
  /** Merged into the protected header; undefined removes a member. */
  readonly protected?: Readonly<Record<string, unknown>>;
  /** The protected header as text, instead. */
  readonly protectedText?: string;
  readonly payload?: Uint8Array;
  /** The payload member as text, instead. */
  readonly payloadText?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly sign?: (data: Uint8Array) => Promise<Uint8Array>;
}

export async function forgeJws(identity: Identity, changes: JwsChanges = {}): Promise<Uint8Array> {
  const algorithm = algorithmOf(identity);
  const protectedHeader = {
    alg: algorithm.name,
    crit: [SCHEME, EXPIRY],
    cty: PAYLOAD_TYPE,
    [EXPIRY]: '2099-01-01T00:00:00Z',
    [SCHEME]: 'notary.x509',
    [SIGNING_TIME]: '2025-01-01T08:00:00+08:00',
    ...changes.protected,
  };
  const protectedText = changes.protectedText ?? JSON.stringify(protectedHeader);
  const encodedHeader = encodeBase64Url(encodeUtf8(protectedText));
  const payload = changes.payloadText ?? encodeBase64Url(changes.payload ?? PAYLOAD);
  const sign = changes.sign ?? ((data) => identity.key.sign(algorithm.scheme, data));
  const signature = await sign(encodeUtf8(`${encodedHeader}.${payload}`));
  return encodeUtf8(
    JSON.stringify({
      payload,
      protected: encodedHeader,
      header: {
        x5c: identity.chain.map(({ der }) => encodeBase64(der)),
        [AGENT]: 'forge/1.0.0',
        ...changes.header,
      },
      signature: encodeBase64Url(signature),
      ...changes.members,
    }),
  );
}

/** A COSE envelope that differs from a good one only in what is given, and is correctly signed. */
export interface CoseChanges {
  /** Set in the protected header; undefined removes a parameter. */
  readonly protected?: ReadonlyMap<string | number, CborValue | undefined>;
  /** The protected header as bytes, instead. */
  readonly protectedBytes?: Uint8Array;
  readonly unprotected?: ReadonlyMap<string | number, CborValue | undefined>;
  readonly payload?: Uint8Array;
  readonly sign?: (data: Uint8Array) => Promise<Uint8Array>;
  /** What is encoded in place of the four items. */
  readonly message?: (items: readonly CborValue[]) => CborValue;
}

export async function forgeCose(
  identity: Identity,
  changes: CoseChanges = {},
): Promise<Uint8Array> {
  const algorithm = algorithmOf(identity);
  const protectedHeader = changed(
    [
      [1, algorithm.cose],
      [2, [SCHEME, EXPIRY]],
      [3, PAYLOAD_TYPE],
      [EXPIRY, cborTag(1, 4_070_908_800)],
      [SCHEME, 'notary.x509'],
      [SIGNING_TIME, cborTag(1, 1_735_689_600)],
    ],
    changes.protected,
  );
  const protectedBytes = changes.protectedBytes ?? encodeCbor(protectedHeader);
  const payload = changes.payload ?? PAYLOAD;
  const sign = changes.sign ?? ((data) => identity.key.sign(algorithm.scheme, data));
  const toBeSigned = encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload]);
  const unprotected = changed(
    [
      [33, identity.chain.map(({ der }) => der)],
      [AGENT, 'forge/1.0.0'],
    ],
    changes.unprotected,
  );
  const items = [protectedBytes, unprotected, payload, await sign(toBeSigned)];
  return encodeCbor(changes.message?.(items) ?? cborTag(18, items));
}

function changed(
  entries: readonly (readonly [string | number, CborValue])[],
  changes: ReadonlyMap<string | number, CborValue | undefined> = new Map(),
): CborMap {
  const map = new Map<string | number, CborValue>(entries);
  for (const [label, value] of changes) {
    if (value === undefined) map.delete(label);
    else map.set(label, value);
  }
  return map;
}
