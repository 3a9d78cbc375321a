import { encodeUtf8 } from '@nv2/core';
import {
  type ArtifactSource,
  type Descriptor,
  describeContent,
  MEDIA_TYPE,
  OciError,
} from '@nv2/oci';
import type { StoredEnvelope } from './fetch.ts';
import { SIGNATURE_ARTIFACT_TYPE } from './media-types.ts';
import { ownOctets } from './own-octets.ts';

/**
 * An artifact of which only the descriptor is known, with signatures given as octets, for `verify` to
 * judge as if a registry had them.
 */
export function givenSignatures(
  subject: Descriptor,
  envelopes: readonly StoredEnvelope[],
): ArtifactSource {
  const contents = new Map<string, Uint8Array>();
  const listed = envelopes.map(({ bytes: given, mediaType }) => {
    const bytes = ownOctets(given);
    const envelope = describeContent(bytes, mediaType);
    const manifest = signatureManifest(subject, envelope);
    const descriptor = describeContent(manifest, MEDIA_TYPE.imageManifest);
    contents.set(envelope.digest, bytes);
    contents.set(descriptor.digest, manifest);
    return { ...descriptor, artifactType: SIGNATURE_ARTIFACT_TYPE };
  });
  const fetch = async ({ digest }: Descriptor): Promise<Uint8Array> => {
    const bytes = contents.get(digest);
    if (bytes === undefined)
      throw new OciError('OCI_NOT_FOUND', `${digest} is not among what was given`);
    return bytes;
  };
  return {
    resolve: async () => subject,
    fetchManifest: fetch,
    fetchBlob: fetch,
    async *referrers() {
      yield* listed;
    },
  };
}

function signatureManifest(subject: Descriptor, envelope: Descriptor): Uint8Array {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.imageManifest,
    artifactType: SIGNATURE_ARTIFACT_TYPE,
    config: describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson),
    layers: [envelope],
    subject,
  };
  return encodeUtf8(JSON.stringify(manifest));
}
