// The forms in which signatures were stored over the years, and near misses, under nv2 and
// notation-go: in a registry with the referrers API, in one without, and in an image layout.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodePem, encodeUtf8 } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import {
  directoryTrustStore,
  parseOciTrustPolicy,
  SIGNATURE_ARTIFACT_TYPE,
  sign,
  VerificationError,
  verify,
} from '@nv2/notary';
import {
  type ArtifactTarget,
  type Descriptor,
  describeContent,
  encodeManifest,
  type Manifest,
  MEDIA_TYPE,
} from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { askPeerOnce } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const STATEMENT = {
  name: 'forms',
  registryScopes: ['*'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:forms'],
  trustedIdentities: ['*'],
};
const POLICY = encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies: [STATEMENT] }));
const EMPTY = describeContent(encodeUtf8('{}'), MEDIA_TYPE.emptyJson);

/** How a manifest holds a signature envelope of an image. */
type Form = (parts: { readonly envelope: Descriptor; readonly subject: Descriptor }) => Manifest;

const image = (fields: Partial<Manifest & { kind: 'image' }>): Manifest => ({
  kind: 'image',
  mediaType: MEDIA_TYPE.imageManifest,
  config: EMPTY,
  layers: [],
  ...fields,
});
const artifactType = SIGNATURE_ARTIFACT_TYPE;
const typedConfig = { ...EMPTY, mediaType: SIGNATURE_ARTIFACT_TYPE };

/** Forms that both read. */
const SIGNATURES: Readonly<Record<string, Form>> = {
  'an image with an artifactType and the empty config (2)': ({ envelope, subject }) =>
    image({ artifactType, layers: [envelope], subject }),
  'an image with the type in its config (1.x)': ({ envelope, subject }) =>
    image({ config: typedConfig, layers: [envelope], subject }),
  'an OCI artifact manifest (1.0)': ({ envelope, subject }) => ({
    kind: 'artifact',
    mediaType: MEDIA_TYPE.artifactManifest,
    artifactType,
    blobs: [envelope],
    subject,
  }),
};

/** Forms that nv2 refuses; where notation-go reads them, it looks at less. */
const NEAR_MISSES: Readonly<Record<string, Form>> = {
  'two envelopes': ({ envelope, subject }) =>
    image({ artifactType, layers: [envelope, envelope], subject }),
  'no envelope': ({ subject }) => image({ artifactType, layers: [], subject }),
  'an envelope of another media type': ({ envelope, subject }) =>
    image({ artifactType, layers: [{ ...envelope, mediaType: 'application/json' }], subject }),
};
const STRICTER: Readonly<Record<string, Form>> = {
  'an artifactType with the config of another type': ({ envelope, subject }) =>
    image({ artifactType, config: typedConfig, layers: [envelope], subject }),
};

const skip = await skipWithoutPeers('nv2-peer', 'docker-registry');

describe('signatures in the forms of all years', { skip }, () => {
  let work = '';
  let config = '';
  let storages: readonly Storage[] = [];
  let chain: TestChain | undefined;

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-forms-'));
    config = join(work, 'config');
    storages = await startStorages(work);
    chain = await makeChain({ algorithm: { kind: 'ec', curve: 'P-256' } });
    const store = join(config, 'truststore/x509/ca/forms');
    await mkdir(store, { recursive: true });
    await writeFile(join(store, 'root.crt'), encodePem('CERTIFICATE', chain.root.der));
    await writeFile(join(config, 'trustpolicy.oci.json'), POLICY);
  });
  after(async () => {
    for (const storage of storages) await storage.close();
    await rm(work, { recursive: true, force: true });
  });

  async function pushImage(target: ArtifactTarget): Promise<Descriptor> {
    await target.pushBlob(encodeUtf8('{}'), EMPTY);
    const bytes = encodeManifest(image({}));
    const descriptor = describeContent(bytes, MEDIA_TYPE.imageManifest);
    await target.pushManifest(bytes, descriptor, { tag: 'v1' });
    return descriptor;
  }

  /** A signature of the image in another place, stored here in the form. */
  async function store(form: Form, storage: Storage, repository: string): Promise<Descriptor> {
    assert.ok(chain);
    const target = await storage.open(repository);
    const subject = await pushImage(target);
    const elsewhere = await storage.open(`${repository}-source`);
    await pushImage(elsewhere);
    const signer = localSigner(chain.leafKey, chain.chain);
    const { envelope } = await sign(
      { source: elsewhere, version: subject.digest },
      { signer, format: JWS_MEDIA_TYPE },
    );
    const bytes = await elsewhere.fetchBlob(envelope, { maxBytes: 1_000_000 });
    await target.pushBlob(bytes, envelope);
    await target.pushBlob(encodeUtf8('{}'), EMPTY);
    const manifest = encodeManifest(form({ envelope, subject }));
    const { mediaType } = form({ envelope, subject });
    await target.pushManifest(manifest, describeContent(manifest, mediaType), { subject });
    return subject;
  }

  async function nv2Accepts(storage: Storage, repository: string, version: string) {
    const scope = storage.scope(repository);
    try {
      const source = await storage.open(repository);
      const trustStore = directoryTrustStore(join(config, 'truststore/x509'));
      const policy = parseOciTrustPolicy(POLICY);
      await verify({ source, reference: scope, scope, version }, { policy, trustStore });
      return true;
    } catch (error) {
      if (error instanceof VerificationError && error.verdict.outcome === 'denied') return false;
      throw error;
    }
  }

  async function verdicts(form: Form, storage: Storage, name: string) {
    const repository = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '');
    const { digest } = await store(form, storage, repository);
    const request = { ...storage.request(repository, digest), configDir: config };
    const { ok } = await askPeerOnce('verify', request);
    return { nv2: await nv2Accepts(storage, repository, digest), notation: ok };
  }

  const rows = { ...SIGNATURES, ...NEAR_MISSES, ...STRICTER };
  for (const [name, form] of Object.entries(rows)) {
    test(`${name in SIGNATURES ? 'is' : 'is not'} a signature: ${name}`, async () => {
      for (const storage of storages) {
        // this registry knows no artifact manifests
        if (storage.name === 'docker-registry' && name.includes('artifact manifest')) continue;
        const isSignature = name in SIGNATURES;
        // notation-go looks at the type in a layout alone
        const looser = name in STRICTER && storage.name !== 'OCI layout';
        assert.deepEqual(
          await verdicts(form, storage, name),
          { nv2: isSignature, notation: isSignature || looser },
          storage.name,
        );
      }
    });
  }
});
