// A case as both sides are asked about it: an artifact with one signature, and a trust policy.
import { encodeUtf8 } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  type Signer,
  type SignRequest,
  signEnvelope,
} from '@nv2/envelope';
import { type Descriptor, describeContent, encodeManifest, MEDIA_TYPE } from '@nv2/oci';
import type { Certificate } from '@nv2/x509';
import type { VerdictCase } from './dimensions.ts';
import { attributesFor } from './plugins.ts';
import type { World } from './world.ts';

/** What the policy is asked about. */
export const SCOPE = 'registry.example/app';

/** What is asked of both sides. */
export interface Question {
  /** The bytes of the artifact's manifest. */
  readonly manifest: Uint8Array;
  readonly subject: Descriptor;
  readonly format: VerdictCase['format'];
  readonly mediaType: EnvelopeMediaType;
  readonly envelope: Uint8Array;
  readonly policy: object;
  readonly userMetadata: Readonly<Record<string, string>>;
}

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** Signs, and writes the policy. */
export async function questionOf(one: VerdictCase, world: World): Promise<Question> {
  const { format, claims } = one;
  const manifest = manifestOf('image');
  const subject = describeContent(manifest, MEDIA_TYPE.imageManifest);
  const mediaType = format === 'jws' ? JWS_MEDIA_TYPE : COSE_MEDIA_TYPE;
  const signed =
    claims === 'other artifact'
      ? describeContent(manifestOf('other'), MEDIA_TYPE.imageManifest)
      : subject;
  const annotations = claims === 'metadata' ? { build: '1' } : { build: '2' };
  const payload = encodePayload({ ...signed, annotations }, mediaType);
  const envelope = await sign(one, { mediaType, payload, world });
  return {
    manifest,
    subject,
    format,
    mediaType,
    envelope: claims === 'damaged payload' ? damaged(envelope, { payload, format }) : envelope,
    policy: policyOf(one),
    userMetadata: claims === 'metadata' || claims === 'other metadata' ? { build: '1' } : {},
  };
}

function manifestOf(name: string): Uint8Array {
  return encodeManifest({
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    config: describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson),
    layers: [],
    annotations: { name },
  });
}

async function sign(
  one: VerdictCase,
  what: {
    readonly mediaType: EnvelopeMediaType;
    readonly payload: Uint8Array;
    readonly world: World;
  },
): Promise<Uint8Array> {
  const { mediaType, payload, world } = what;
  const chain = await world.chainOf(one);
  const [leaf] = chain;
  if (leaf === undefined) throw new Error('a chain has a leaf');
  const stamp = world.timestamps.stamps[one.timestamp];
  const signingTime = signingTimeOf(one, leaf);
  const request: SignRequest = {
    payload,
    payloadType: PAYLOAD_MEDIA_TYPE,
    scheme: one.scheme,
    signingTime,
    expiry: expiryOf(one, signingTime),
    extendedAttributes: attributesFor(one.plugin),
  };
  let token: Uint8Array | undefined;
  const envelope = await signEnvelope(mediaType, request, {
    signer: backdated(localSigner(world.leaf.key, chain)),
    timestamp:
      stamp &&
      (async (signature) => {
        token = await stamp(signature, leaf);
        return token;
      }),
  });
  if (one.timestamp !== 'damaged' || token === undefined) return envelope;
  return withDamagedTimestamp(envelope, { token, format: one.format });
}

/** The token is a byte longer by its own word than it is: signing itself would not take it. */
function withDamagedTimestamp(
  envelope: Uint8Array,
  { token, format }: { readonly token: Uint8Array; readonly format: VerdictCase['format'] },
): Uint8Array {
  const changed = Buffer.from(token);
  changed.writeUInt16BE(changed.readUInt16BE(2) + 1, 2);
  const encoding = format === 'jws' ? 'base64' : undefined;
  return replaced(envelope, { written: token, changed, encoding });
}

/** In the validity of the leaf or before it; an hour ago if that will do. */
function signingTimeOf({ signedAt }: VerdictCase, { notBefore, notAfter }: Certificate): Date {
  if (signedAt === 'before validity') return new Date(notBefore - DAY);
  return new Date(Math.min(notAfter, Math.max(notBefore, Date.now() - HOUR)));
}

function expiryOf({ expiry }: VerdictCase, signingTime: Date): Date | undefined {
  if (expiry === 'none') return undefined;
  const { future, past } = {
    future: Math.max(Date.now(), signingTime.getTime()) + 7 * DAY,
    // what is signed from tomorrow on cannot have expired yet
    past: signingTime.getTime() + 60_000,
  };
  return new Date(expiry === 'future' ? future : past);
}

/** Signs at any time: the chain's dates are not told to the signing side, which would refuse. */
function backdated(signer: Signer): Signer {
  return {
    ...signer,
    sign: async (data) => {
      const { signature, certificateChain } = await signer.sign(data);
      const [leaf, ...issuers] = certificateChain;
      if (leaf === undefined) throw new Error('a chain has a leaf');
      const anyTime = { ...leaf, notBefore: 0 };
      return { signature, certificateChain: [anyTime, ...issuers] };
    },
  };
}

/** One character of the payload changed: the digest is another. */
function damaged(
  envelope: Uint8Array,
  { payload, format }: { readonly payload: Uint8Array; readonly format: VerdictCase['format'] },
): Uint8Array {
  const text = Buffer.from(payload).toString();
  const changed = Buffer.from(text.replace(/"build":"\d"/, '"build":"3"'));
  const encoding = format === 'jws' ? 'base64url' : undefined;
  return replaced(envelope, { written: payload, changed, encoding });
}

/** The envelope with a part of it replaced by one of the same length. */
function replaced(
  envelope: Uint8Array,
  part: {
    readonly written: Uint8Array;
    readonly changed: Buffer;
    readonly encoding: 'base64' | 'base64url' | undefined;
  },
): Uint8Array {
  const { written, changed, encoding } = part;
  const encoded = (octets: Uint8Array): Buffer =>
    encoding === undefined
      ? Buffer.from(octets)
      : Buffer.from(Buffer.from(octets).toString(encoding));
  const bytes = Buffer.from(envelope);
  const at = bytes.indexOf(encoded(written));
  if (at < 0) throw new Error('the part is not in the envelope');
  bytes.set(encoded(changed), at);
  return new Uint8Array(bytes);
}

function policyOf(one: VerdictCase): object {
  const { level, override, verifyTimestamp, tsaStore } = one;
  const signatureVerification = {
    level,
    ...(override !== 'none' && { override: Object.fromEntries([override.split('=')]) }),
    ...(verifyTimestamp !== 'default' && { verifyTimestamp }),
  };
  const type = one.scheme === 'notary.x509' ? 'ca' : 'signingAuthority';
  const stores = one.store.split(' and ').map((name) => `${type}:${name}`);
  const statement = {
    name: 'statement',
    registryScopes: [SCOPE],
    signatureVerification,
    // a policy that skips everything trusts nobody: neither side reads another
    ...(level !== 'skip' && {
      trustStores: [...stores, ...(tsaStore === 'none' ? [] : [`tsa:${tsaStore}`])],
      trustedIdentities: [IDENTITIES[one.identity]],
    }),
  };
  return { version: '1.0', trustPolicies: [statement] };
}

const IDENTITIES: Readonly<Record<VerdictCase['identity'], string>> = {
  any: '*',
  matching: 'x509.subject: C=US, ST=WA, O=Notary, CN=signer',
  another: 'x509.subject: C=US, ST=WA, O=Notary, CN=somebody else',
  'another kind': 'plugin.identity: signer',
};
