// A signed image, and a configuration that trusts its signer.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { type NotationPaths, notationFiles, sign } from '@nv2/notary';
import { type ArtifactTarget, type Descriptor, describeContent, MEDIA_TYPE } from '@nv2/oci';
import type { TestChain } from '@nv2/testkit';
import type { Certificate } from '@nv2/x509';

/** Who signs: only nv2 has the manifest hold the envelope, which saves a request. */
export const SIGNERS = ['nv2', 'notation'] as const;

/** Who made a signature. */
export type SignedBy = (typeof SIGNERS)[number];

/** Pushes an image and a JWS signature over it; resolves to the digest of the image. */
export async function pushSigned(
  target: ArtifactTarget,
  image: { readonly chain: TestChain; readonly tag: string; readonly signedBy: SignedBy },
): Promise<string> {
  const { digest } = await pushImage(target, image.tag);
  const { leafKey, chain } = image.chain;
  await sign(
    { source: target, version: digest },
    {
      signer: localSigner(leafKey, chain),
      format: JWS_MEDIA_TYPE,
      embed: image.signedBy === 'nv2',
    },
  );
  return digest;
}

/** Pushes an image that differs from those of other tags. */
export async function pushImage(target: ArtifactTarget, tag: string): Promise<Descriptor> {
  const config = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);
  await target.pushBlob(encodeUtf8('{}'), config);
  const manifest = encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.imageManifest,
      config,
      layers: [],
      annotations: { tag },
    }),
  );
  const subject = describeContent(manifest, MEDIA_TYPE.imageManifest);
  await target.pushManifest(manifest, subject, { tag });
  return subject;
}

/** Writes a trust policy for one scope, and the trust store with the chain's root. */
export async function configure(
  paths: NotationPaths,
  trusted: { readonly chain: TestChain; readonly scope: string },
): Promise<void> {
  await writeTrustStore(paths.config, trusted.chain.root);
  const { ociTrustPolicy, legacyTrustPolicy } = notationFiles(paths);
  const policy = JSON.stringify(policyDocument(trusted.scope));
  await writeFile(ociTrustPolicy, policy);
  // where notation 1.3 looks for it
  await writeFile(legacyTrustPolicy, policy);
}

/** Writes the trust store `ca:bench` with one root. */
export async function writeTrustStore(config: string, root: Certificate): Promise<void> {
  const { trustStore } = notationFiles({ config, libexec: config, cache: config });
  const store = join(trustStore, 'ca', 'bench');
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'root.pem'), encodePem('CERTIFICATE', root.der));
}

/** A trust policy at level strict for one scope and the store `ca:bench`. */
export function policyDocument(scope: string): object {
  const statement = {
    name: 'bench',
    registryScopes: [scope],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:bench'],
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=Notary'],
  };
  return { version: '1.0', trustPolicies: [statement] };
}
