import { encodeUtf8, quoted } from '@nv2/core';
import type { EnvelopeContent, EnvelopeMediaType } from '@nv2/envelope';
import {
  type Annotations,
  type Descriptor,
  encodeManifest,
  type ImageManifest,
  type Manifest,
  MEDIA_TYPE,
  parseManifest,
  plainDescriptor,
  sameContent,
} from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import { subjectMismatch } from '../subject-mismatch.ts';
import {
  CREATED_ANNOTATION,
  SIGNATURE_ARTIFACT_TYPE,
  THUMBPRINT_ANNOTATION,
  toEnvelopeMediaType,
} from './media-types.ts';
import { thumbprint } from './thumbprint.ts';

/** The bytes of the empty config: `{}`. */
export const EMPTY_CONFIG_BYTES: Uint8Array = encodeUtf8('{}');

/** The empty descriptor, content embedded (OCI image-spec 1.1.1, manifest.md). */
export const EMPTY_CONFIG_DESCRIPTOR: Descriptor = {
  mediaType: MEDIA_TYPE.emptyJson,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
  data: EMPTY_CONFIG_BYTES,
};

/**
 * The signature manifest that the reference writes for an envelope. Content that the descriptor of
 * the envelope embeds is in its one layer as `data`, which the reference passes over.
 *
 *     {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
 *      "artifactType":"application/vnd.cncf.notary.signature",
 *      "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:4413…","size":2,"data":"e30="},
 *      "layers":[{"mediaType":"application/jose+json","digest":"sha256:…","size":…}],
 *      "subject":{"mediaType":…,"digest":…,"size":…},"annotations":{…}}
 *
 * @see specifications signature-specification.md "Storage"
 * @see OCI image-spec 1.1.1, descriptor.md "Embedded Content"
 */
export function encodeSignatureManifest(options: {
  readonly envelope: Descriptor;
  readonly subject: Descriptor;
  readonly annotations: Annotations;
}): Uint8Array {
  const manifest: ImageManifest = {
    kind: 'image',
    mediaType: MEDIA_TYPE.imageManifest,
    artifactType: SIGNATURE_ARTIFACT_TYPE,
    config: EMPTY_CONFIG_DESCRIPTOR,
    layers: [options.envelope],
    subject: plainDescriptor(options.subject),
    annotations: options.annotations,
  };
  return encodeManifest(manifest);
}

/** The annotations of a signature manifest: thumbprints of the chain and the signing time. */
export async function signatureAnnotations(content: EnvelopeContent): Promise<Annotations> {
  const thumbprints = await Promise.all(content.certificateChain.map(({ der }) => thumbprint(der)));
  return {
    [THUMBPRINT_ANNOTATION]: JSON.stringify(thumbprints),
    [CREATED_ANNOTATION]: formatTime(content.signingTime),
  };
}

/**
 * The descriptor of the one envelope in a signature manifest. The manifest is a signature of
 * `subject`: its type and config say so, and it names that subject by digest, size and media type.
 *
 * @throws NotaryError `NOTARY_SIGNATURE_MANIFEST_INVALID`, `NOTARY_SUBJECT_MISMATCH`,
 *   `NOTARY_MEDIA_TYPE_UNSUPPORTED`; OciError `OCI_MANIFEST_*`
 */
export function readSignatureManifest(
  bytes: Uint8Array,
  mediaType: string,
  subject: Descriptor,
): { readonly envelope: Descriptor; readonly mediaType: EnvelopeMediaType } {
  const manifest = parseManifest(bytes, mediaType);
  const [envelope, ...more] = envelopesOf(manifest);
  if (envelope === undefined || more.length > 0) {
    throw invalid(`expected exactly one signature envelope, got ${envelopesOf(manifest).length}`, {
      envelopes: envelopesOf(manifest).length,
    });
  }
  const about = manifest.subject;
  if (about === undefined || !sameContent(about, subject)) {
    throw subjectMismatch('manifest', { expected: subject, got: about });
  }
  return { envelope, mediaType: toEnvelopeMediaType(envelope.mediaType) };
}

function envelopesOf(manifest: Manifest): readonly Descriptor[] {
  switch (manifest.kind) {
    case 'image':
      assertImageType(manifest);
      return manifest.layers;
    case 'artifact':
      if (manifest.artifactType === SIGNATURE_ARTIFACT_TYPE) return manifest.blobs;
      throw invalid(`artifactType is ${quoted(manifest.artifactType ?? '')}`);
    case 'index':
      throw invalid('it is an index');
  }
}

// OCI 1.1 names the type in artifactType with an empty config, 1.0 in the config's media type.
function assertImageType({ artifactType, config }: ImageManifest): void {
  const expected = artifactType === undefined ? SIGNATURE_ARTIFACT_TYPE : MEDIA_TYPE.emptyJson;
  if (artifactType !== undefined && artifactType !== SIGNATURE_ARTIFACT_TYPE) {
    throw invalid(`artifactType is ${quoted(artifactType)}`);
  }
  if (config.mediaType !== expected) {
    throw invalid(`config.mediaType is ${config.mediaType}, expected ${expected}`, {
      artifactType,
      configMediaType: config.mediaType,
    });
  }
}

function invalid(problem: string, data: Readonly<Record<string, unknown>> = {}): NotaryError {
  return new NotaryError(
    'NOTARY_SIGNATURE_MANIFEST_INVALID',
    `not a Notary Project signature manifest: ${problem}`,
    { data, hint: 'have the artifact signed again: what is stored as its signature is none' },
  );
}
