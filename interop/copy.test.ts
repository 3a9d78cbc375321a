// Artifacts that nv2 copies between registries and layouts, as oras and notation-go see them there.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { SIGNATURE_ARTIFACT_TYPE, signTree } from '@nv2/notary';
import {
  type ArtifactTarget,
  copyArtifact,
  type Descriptor,
  describeContent,
  encodeManifest,
  MEDIA_TYPE,
  type StreamingSource,
  type StreamingTarget,
} from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { execute } from './execute.ts';
import { askPeerOnce } from './peer-client.ts';
import { peer, skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const skip = await skipWithoutPeers('nv2-peer', 'docker-registry', 'oras');
const STORAGES = ['go-containerregistry', 'docker-registry', 'nv2 registry', 'OCI layout'] as const;

const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'interop',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:interop'],
      trustedIdentities: ['*'],
    },
  ],
};

let work = '';
let config = '';
let made: TestChain;
let storages: readonly Storage[] = [];

before(async () => {
  if (skip !== false) return;
  work = await mkdtemp(join(tmpdir(), 'nv2-copy-'));
  config = join(work, 'config');
  made = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
  const store = join(config, 'truststore/x509/ca/interop');
  await mkdir(store, { recursive: true });
  const root = made.chain.at(-1);
  await writeFile(join(store, 'root.pem'), encodePem('CERTIFICATE', root?.der ?? new Uint8Array()));
  await writeFile(join(config, 'trustpolicy.json'), JSON.stringify(POLICY));
  storages = await startStorages(work);
});

after(async () => {
  for (const storage of storages) await storage.close();
  if (work !== '') await rm(work, { recursive: true, force: true });
});

function storageNamed(name: string): Storage {
  const found = storages.find((storage) => storage.name === name);
  assert.ok(found, name);
  return found;
}

/** An index of two images with a layer each, signed twice with all that it holds. */
async function pushSigned(target: ArtifactTarget): Promise<{
  readonly root: Descriptor;
  readonly subjects: readonly Descriptor[];
}> {
  const config = encodeUtf8('{"architecture":"amd64","os":"linux"}');
  const images: Descriptor[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layer = encodeUtf8(`layer for ${architecture}`);
    const parts = {
      config: describeContent(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [describeContent(layer, 'application/vnd.oci.image.layer.v1.tar')],
    };
    await target.pushBlob(config, parts.config);
    await target.pushBlob(layer, parts.layers[0] as Descriptor);
    const mediaType = MEDIA_TYPE.imageManifest;
    const bytes = encodeManifest({ kind: 'image', mediaType, ...parts });
    const descriptor = describeContent(bytes, mediaType);
    await target.pushManifest(bytes, descriptor);
    images.push({ ...descriptor, platform: { os: 'linux', architecture } });
  }
  const mediaType = MEDIA_TYPE.imageIndex;
  const bytes = encodeManifest({ kind: 'index', mediaType, manifests: images });
  const root = describeContent(bytes, mediaType);
  await target.pushManifest(bytes, root, { tag: 'v1' });
  const signer = localSigner(made.leafKey, made.chain);
  for (const format of [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const) {
    await signTree({ source: target, version: 'v1' }, { signer, format });
  }
  return { root, subjects: [root, ...images] };
}

async function signaturesOf(source: ArtifactTarget, subject: Descriptor): Promise<string[]> {
  const found: string[] = [];
  const options = { artifactType: SIGNATURE_ARTIFACT_TYPE };
  for await (const { digest } of source.referrers(subject, options)) found.push(digest);
  return found.sort();
}

/** The digests that `oras discover` shows, whatever the order and form of its output. */
async function orasSignatures(
  storage: Storage,
  repository: string,
  digest: string,
): Promise<string[]> {
  const { reference, layout } = storage.request(repository, digest) as Record<string, string>;
  const where =
    layout === undefined
      ? ['--plain-http', String(reference)]
      : ['--oci-layout', `${layout}@${digest}`];
  const args = ['discover', '--format', 'json', '--artifact-type', SIGNATURE_ARTIFACT_TYPE];
  const output = await execute(await peer('oras'), [...args, ...where], { cwd: work });
  const document = JSON.parse(output) as {
    readonly referrers?: readonly { readonly digest: string }[];
    readonly manifests?: readonly { readonly digest: string }[];
  };
  const list = document.referrers ?? document.manifests ?? [];
  return list.map((entry) => entry.digest).sort();
}

describe('copies', { skip }, () => {
  for (const from of STORAGES) {
    for (const to of STORAGES) {
      test(`from ${from} to ${to}: oras and notation-go see the same signatures`, async () => {
        const [source, target] = [storageNamed(from), storageNamed(to)];
        const name = `${from}-${to}`.toLowerCase().replaceAll(' ', '-');
        const opened = (await source.open(`source/${name}`)) as ArtifactTarget & StreamingSource;
        const { root, subjects } = await pushSigned(opened);
        const copied = (await target.open(`copy/${name}`)) as ArtifactTarget & StreamingTarget;
        const report = await copyArtifact(opened, copied, root, { tag: 'v2' });
        assert.equal(report.referrers.length, 2 * subjects.length);
        assert.equal((await copied.resolve('v2')).digest, root.digest);
        for (const subject of subjects) {
          const expected = await signaturesOf(opened, subject);
          assert.equal(expected.length, 2);
          assert.deepEqual(await signaturesOf(copied, subject), expected);
          assert.deepEqual(
            await orasSignatures(target, `copy/${name}`, subject.digest),
            expected,
            'oras',
          );
          const verdict = await askPeerOnce('verify', {
            ...target.request(`copy/${name}`, subject.digest),
            configDir: config,
          });
          assert.ok(verdict.ok, `notation-go: ${verdict.stage}: ${verdict.error}`);
        }
      });
    }
  }
});
