// What others do in the quickstart: pushing images, stealing signatures, signing as a stranger.
import { defaultCrypto } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { SIGNATURE_ARTIFACT_TYPE, sign } from '@nv2/notary';
import {
  type ArtifactTarget,
  type Descriptor,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  openRepository,
  parseManifest,
  parseReference,
} from '@nv2/oci';
import { ATTRIBUTE, issueCertificate } from '@nv2/x509';

const DAY = 24 * 60 * 60 * 1000;

async function withRepository<T>(
  name: string,
  use: (target: ArtifactTarget) => Promise<T>,
): Promise<T> {
  const transport = nodeTransport({});
  try {
    const client = createHttpClient({ transport, userAgent: 'nv2-quickstart' });
    return await use(openRepository(parseReference(name), { client }));
  } finally {
    transport.close();
  }
}

/** An image to push. */
export interface QuickstartImage {
  readonly repository: string;
  readonly tag: string;
  readonly content: string;
  /** An image whose signatures are copied to this one. */
  readonly stealSignaturesOf?: Descriptor;
}

/** Pushes an image of one layer, and attaches copies of another image's signatures if asked. */
export function pushImage(host: string, image: QuickstartImage): Promise<Descriptor> {
  const encoder = new TextEncoder();
  return withRepository(`${host}/${image.repository}`, async (target) => {
    const layerBytes = encoder.encode(image.content);
    const configBytes = encoder.encode('{"architecture":"amd64","os":"linux"}');
    const layer = describeContent(layerBytes, 'application/vnd.oci.image.layer.v1.tar');
    const config = describeContent(configBytes, 'application/vnd.oci.image.config.v1+json');
    await target.pushBlob(layerBytes, layer);
    await target.pushBlob(configBytes, config);
    const mediaType = MEDIA_TYPE.imageManifest;
    const manifest = encodeManifest({ kind: 'image', mediaType, config, layers: [layer] });
    const subject = describeContent(manifest, mediaType);
    await target.pushManifest(manifest, subject, { tag: image.tag });
    if (image.stealSignaturesOf !== undefined)
      await copySignatures(target, image.stealSignaturesOf, subject);
    return subject;
  });
}

async function copySignatures(
  target: ArtifactTarget,
  from: Descriptor,
  subject: Descriptor,
): Promise<void> {
  const artifactType = SIGNATURE_ARTIFACT_TYPE;
  for await (const signature of target.referrers(from, { artifactType })) {
    const manifest = parseManifest(await target.fetchManifest(signature), signature.mediaType);
    const bytes = encodeManifest({ ...manifest, subject });
    await target.pushManifest(bytes, describeContent(bytes, signature.mediaType), { subject });
  }
}

/** Signs with a new self-signed certificate of this name that nobody trusts. */
export async function signAs(
  host: string,
  by: {
    readonly repository: string;
    readonly subject: Descriptor;
    readonly commonName: string;
  },
): Promise<void> {
  const { key } = await defaultCrypto.generateKey({ kind: 'ec', curve: 'P-256' });
  const now = Date.now();
  const certificate = await issueCertificate(
    {
      subject: [
        { type: ATTRIBUTE.country, value: 'US' },
        { type: ATTRIBUTE.stateOrProvince, value: 'WA' },
        { type: ATTRIBUTE.organization, value: 'Stranger' },
        { type: ATTRIBUTE.commonName, value: by.commonName },
      ],
      notBefore: now - DAY,
      notAfter: now + DAY,
      spki: key.spki,
      keyUsage: ['digitalSignature'],
    },
    { key },
  );
  await withRepository(`${host}/${by.repository}`, (target) =>
    sign(
      { source: target, version: by.subject.digest },
      {
        signer: localSigner(key, [certificate]),
        format: JWS_MEDIA_TYPE,
      },
    ),
  );
}
