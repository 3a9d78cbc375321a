import { encodeBase64, encodeBase64Url, encodePem, encodeUtf8, type KeySpec } from '@nv2/core';
import {
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  signEnvelope,
} from '@nv2/envelope';
import { describeContent } from '@nv2/oci';
import { makeChain } from '@nv2/testkit';

const SCOPE = 'registry.example.com/app';
const MANIFEST = encodeUtf8('{"schemaVersion":2}');
const MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'images',
      registryScopes: [SCOPE],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:images'],
      trustedIdentities: ['*'],
    },
  ],
};

/** What examples/browser/verify.ts is given; bytes in base64. */
export interface SignedImage {
  readonly scope: string;
  readonly manifest: string;
  readonly manifestMediaType: string;
  readonly envelope: string;
  readonly envelopeMediaType: EnvelopeMediaType;
  readonly policy: string;
  readonly anchors: string;
}

/** A good signature, and the same with its value, the image or the anchors changed. */
export interface SignedImages {
  readonly good: SignedImage;
  readonly tampered: SignedImage;
  readonly otherImage: SignedImage;
  readonly otherAnchors: SignedImage;
}

/** An image that is signed with a key of that kind, and what must not be taken for it. */
export async function signedImages(
  algorithm: KeySpec,
  format: EnvelopeMediaType,
): Promise<SignedImages> {
  const made = await makeChain({ algorithm });
  const stranger = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
  const envelope = await signEnvelope(
    format,
    {
      payload: encodePayload(describeContent(MANIFEST, MEDIA_TYPE), format),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: 'notary.x509',
      signingTime: new Date(),
    },
    { signer: localSigner(made.leafKey, made.chain) },
  );
  const pem = (der: Uint8Array) => encodeBase64(encodeUtf8(encodePem('CERTIFICATE', der)));
  const good: SignedImage = {
    scope: SCOPE,
    manifest: encodeBase64(MANIFEST),
    manifestMediaType: MEDIA_TYPE,
    envelope: encodeBase64(envelope),
    envelopeMediaType: format,
    policy: encodeBase64(encodeUtf8(JSON.stringify(POLICY))),
    anchors: pem(made.root.der),
  };
  const image = encodeBase64(encodeUtf8('{"schemaVersion":3}'));
  return {
    good,
    tampered: { ...good, envelope: encodeBase64(withOtherValue(envelope, format)) },
    otherImage: { ...good, manifest: image },
    otherAnchors: { ...good, anchors: pem(stranger.root.der) },
  };
}

/** The envelope with another signature value, well formed as ever. */
function withOtherValue(envelope: Uint8Array, format: EnvelopeMediaType): Uint8Array {
  const { signature } = parseEnvelope(envelope, format).content;
  const other = signature.with(signature.length >> 1, (signature[signature.length >> 1] ?? 0) ^ 1);
  const [from, to] =
    format === JWS_MEDIA_TYPE
      ? [encodeUtf8(encodeBase64Url(signature)), encodeUtf8(encodeBase64Url(other))]
      : [signature, other];
  const at = Buffer.from(envelope).indexOf(from);
  const changed = envelope.slice();
  changed.set(to, at);
  return changed;
}
