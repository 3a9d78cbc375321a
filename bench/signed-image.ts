// A signed image, and a configuration that trusts its signer.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { type NotationPaths, notationFiles, sign } from '@nv2/notary';
import { type ArtifactTarget, describeContent, MEDIA_TYPE } from '@nv2/oci';
import type { TestChain } from '@nv2/testkit';

/** Pushes an image and a JWS signature over it; resolves to the digest of the image. */
export async function pushSigned(
  target: ArtifactTarget,
  image: { readonly chain: TestChain; readonly tag: string },
): Promise<string> {
  const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
  await target.pushBlob(encodeUtf8('{}'), config);
  const manifest = encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.imageManifest,
      config,
      layers: [],
      annotations: { tag: image.tag },
    }),
  );
  const subject = describeContent(manifest, MEDIA_TYPE.imageManifest);
  await target.pushManifest(manifest, subject, { tag: image.tag });
  const { leafKey, chain } = image.chain;
  await sign(target, subject.digest, {
    signer: localSigner(leafKey, chain),
    format: JWS_MEDIA_TYPE,
  });
  return subject.digest;
}

/** Writes a trust policy for one scope, and the trust store with the chain's root. */
export async function configure(
  paths: NotationPaths,
  trusted: { readonly chain: TestChain; readonly scope: string },
): Promise<void> {
  const { ociTrustPolicy, trustStore } = notationFiles(paths);
  const store = join(trustStore, 'ca', 'bench');
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'root.pem'), encodePem('CERTIFICATE', trusted.chain.root.der));
  const statement = {
    name: 'bench',
    registryScopes: [trusted.scope],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:bench'],
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=Notary'],
  };
  const document = { version: '1.0', trustPolicies: [statement] };
  await writeFile(ociTrustPolicy, JSON.stringify(document));
}
