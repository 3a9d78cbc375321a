// Signatures of nv2 under notation-go and the other way round: six algorithms, two formats, both
// directions, four storages. Each cell has three twins that both must refuse.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodePem, encodeUtf8, type KeySpec } from '@nv2/core';
import { COSE_MEDIA_TYPE, JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
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
  MEDIA_TYPE,
  parseManifest,
} from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { askPeerOnce } from './peer-client.ts';
import { skipWithoutPeers } from './peers.ts';
import { type Storage, startStorages } from './storages.ts';

const ALGORITHMS: Readonly<Record<string, KeySpec>> = {
  'RSA-2048': { kind: 'rsa', modulusBits: 2048 },
  'RSA-3072': { kind: 'rsa', modulusBits: 3072 },
  'RSA-4096': { kind: 'rsa', modulusBits: 4096 },
  'EC-256': { kind: 'ec', curve: 'P-256' },
  'EC-384': { kind: 'ec', curve: 'P-384' },
  'EC-521': { kind: 'ec', curve: 'P-521' },
};
const FORMATS = { jws: JWS_MEDIA_TYPE, cose: COSE_MEDIA_TYPE } as const;
const DIRECTIONS = ['nv2 signs, notation-go verifies', 'notation-go signs, nv2 verifies'] as const;
const STORAGES = ['go-containerregistry', 'docker-registry', 'nv2 registry', 'OCI layout'] as const;

const POLICY = encodeUtf8(
  JSON.stringify({
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
  }),
);

const skip = await skipWithoutPeers('nv2-peer', 'docker-registry');

interface Identity {
  readonly made: TestChain;
  readonly keyFile: string;
  readonly chainFile: string;
  /** A configuration directory that trusts this identity's root. */
  readonly config: string;
}

interface Cell {
  readonly storage: Storage;
  readonly repository: string;
  readonly format: keyof typeof FORMATS;
  readonly identity: Identity;
}

let work = '';
let storages: readonly Storage[] = [];
const identities = new Map<string, Identity>();
const green = new Set<string>();

async function makeIdentity(name: string, algorithm: KeySpec): Promise<Identity> {
  const made = await makeChain({ algorithm, depth: 3, authority: algorithm });
  const dir = join(work, 'identities', name);
  const config = join(dir, 'config');
  await mkdir(join(config, 'truststore/x509/ca/interop'), { recursive: true });
  const keyFile = join(dir, 'leaf.key');
  const chainFile = join(dir, 'chain.crt');
  const pem = made.chain.map(({ der }) => encodePem('CERTIFICATE', der));
  await writeFile(keyFile, encodePem('PRIVATE KEY', made.leafPkcs8));
  await writeFile(chainFile, pem.join(''));
  await writeFile(join(config, 'truststore/x509/ca/interop/root.crt'), pem.at(-1) ?? '');
  await writeFile(join(config, 'trustpolicy.oci.json'), POLICY);
  return { made, keyFile, chainFile, config };
}

function identity(name: string): Identity {
  const found = identities.get(name);
  assert.ok(found, `no identity ${name}`);
  return found;
}

async function pushImage(target: ArtifactTarget, content: string): Promise<Descriptor> {
  const bytes = encodeUtf8(JSON.stringify({ content }));
  const config = describeContent(bytes, 'application/vnd.oci.image.config.v1+json');
  await target.pushBlob(bytes, config);
  const mediaType = MEDIA_TYPE.imageManifest;
  const manifest = encodeManifest({ kind: 'image', mediaType, config, layers: [config] });
  const descriptor = describeContent(manifest, mediaType);
  await target.pushManifest(manifest, descriptor, { tag: 'v1' });
  return descriptor;
}

const artifactType = SIGNATURE_ARTIFACT_TYPE;

/** Copies the signatures of one image to another, maybe elsewhere, with changed envelopes. */
async function copySignatures(
  from: { readonly target: ArtifactTarget; readonly subject: Descriptor },
  to: { readonly target: ArtifactTarget; readonly subject: Descriptor },
  change: (envelope: Uint8Array) => Uint8Array,
): Promise<void> {
  let count = 0;
  for await (const found of from.target.referrers(from.subject, { artifactType })) {
    const manifest = parseManifest(await from.target.fetchManifest(found), found.mediaType);
    assert.ok(manifest.kind === 'image' && manifest.layers[0]);
    const [original] = manifest.layers;
    const envelope = change(await from.target.fetchBlob(original, { maxBytes: 1_000_000 }));
    const layer = describeContent(envelope, original.mediaType);
    await to.target.pushBlob(encodeUtf8('{}'), manifest.config);
    await to.target.pushBlob(envelope, layer);
    const { subject } = to;
    const bytes = encodeManifest({ ...manifest, layers: [layer], subject });
    await to.target.pushManifest(bytes, describeContent(bytes, found.mediaType), { subject });
    count++;
  }
  assert.ok(count > 0, 'no signature to copy');
}

/** Another signature value in the same form: both formats write it last. */
function tamper(envelope: Uint8Array): Uint8Array {
  const at = envelope.length - 10;
  const letterA = 'A'.charCodeAt(0);
  const isJson = envelope[0] === '{'.charCodeAt(0);
  if (!isJson) return envelope.with(at, (envelope[at] ?? 0) ^ 1);
  return envelope.with(at, envelope[at] === letterA ? letterA + 1 : letterA);
}

async function nv2Signs({ storage, repository, format, identity }: Cell, digest: string) {
  await sign(
    { source: await storage.open(repository), version: digest },
    {
      signer: localSigner(identity.made.leafKey, identity.made.chain),
      format: FORMATS[format],
    },
  );
}

async function peerSigns({ storage, repository, format, identity }: Cell, digest: string) {
  const { keyFile, chainFile } = identity;
  const answer = await askPeerOnce('sign', {
    ...storage.request(repository, digest),
    key: keyFile,
    certificates: chainFile,
    format,
  });
  assert.ok(answer.ok, `${answer.stage}: ${answer.error}`);
}

/** Whether nv2 accepts; any answer but yes or a decided no is an error. */
async function nv2Accepts({ storage, repository }: Cell, digest: string, config: string) {
  const scope = storage.scope(repository);
  try {
    const { verdict } = await verify(
      {
        source: await storage.open(repository),
        reference: `${scope}@${digest}`,
        scope,
        version: digest,
      },
      {
        policy: parseOciTrustPolicy(POLICY),
        trustStore: directoryTrustStore(join(config, 'truststore/x509')),
      },
    );
    return verdict.outcome === 'verified';
  } catch (error) {
    if (error instanceof VerificationError && error.verdict.outcome === 'denied') return false;
    throw error;
  }
}

async function peerAccepts({ storage, repository }: Cell, digest: string, config: string) {
  const request = { ...storage.request(repository, digest), configDir: config };
  const answer = await askPeerOnce('verify', request);
  if (!answer.ok) assert.ok(answer.signatures?.length > 0, `${answer.stage}: ${answer.error}`);
  return answer.ok;
}

type CellName = readonly [
  storage: (typeof STORAGES)[number],
  algorithm: string,
  format: keyof typeof FORMATS,
  direction: (typeof DIRECTIONS)[number],
];

const CELLS: readonly CellName[] = STORAGES.flatMap((storage) =>
  DIRECTIONS.flatMap((direction) =>
    Object.keys(ALGORITHMS).flatMap((algorithm) =>
      (['jws', 'cose'] as const).map((format) => [storage, algorithm, format, direction] as const),
    ),
  ),
);

async function runCell(name: CellName): Promise<void> {
  const [storageName, algorithm, format, direction] = name;
  const storage = storages[STORAGES.indexOf(storageName)];
  assert.ok(storage);
  const weSign = direction === DIRECTIONS[0];
  const repository = `${algorithm}-${format}-${weSign ? 'a' : 'b'}`.toLowerCase();
  const cell = { storage, repository, format, identity: identity(algorithm) };
  const target = await storage.open(repository);
  const image = await pushImage(target, 'good');
  await (weSign ? nv2Signs : peerSigns)(cell, image.digest);
  const accepts = weSign ? peerAccepts : nv2Accepts;
  assert.equal(await accepts(cell, image.digest, cell.identity.config), true);
  // the wrong root, a signature that is about another image, and one with another value
  const subject = await pushImage(target, 'another');
  await copySignatures({ target, subject: image }, { target, subject }, (envelope) => envelope);
  const tampered = { ...cell, repository: `${repository}-tampered` };
  const elsewhere = { target: await storage.open(tampered.repository), subject: image };
  assert.equal((await pushImage(elsewhere.target, 'good')).digest, image.digest);
  await copySignatures({ target, subject: image }, elsewhere, tamper);
  for (const either of [peerAccepts, nv2Accepts]) {
    assert.equal(await either(cell, image.digest, identity('other').config), false);
    assert.equal(await either(cell, subject.digest, cell.identity.config), false);
    assert.equal(await either(tampered, image.digest, cell.identity.config), false);
  }
  green.add(name.join('/'));
}

function print(): void {
  const lines = [`\ninteroperability with notation-go: ${green.size} of 96 cells`];
  lines.push(`${''.padEnd(50)}${STORAGES.map((name) => name.padStart(22)).join('')}`);
  for (const direction of DIRECTIONS)
    for (const algorithm of Object.keys(ALGORITHMS))
      for (const format of Object.keys(FORMATS)) {
        const cells = STORAGES.map((storage) =>
          green.has([storage, algorithm, format, direction].join('/')) ? '✓' : '✗',
        );
        const label = `${algorithm} ${format} ${direction}`;
        lines.push(`${label.padEnd(50)}${cells.map((cell) => cell.padStart(22)).join('')}`);
      }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

describe('nv2 and notation-go accept and refuse the same signatures', { skip }, () => {
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'nv2-matrix-'));
    storages = await startStorages(work);
    for (const [name, algorithm] of Object.entries(ALGORITHMS))
      identities.set(name, await makeIdentity(name, algorithm));
    identities.set('other', await makeIdentity('other', { kind: 'ec', curve: 'P-256' }));
  });
  after(async () => {
    print();
    for (const storage of storages) await storage.close();
    await rm(work, { recursive: true, force: true });
  });

  for (const name of CELLS) test(name.join(', '), () => runCell(name));
});
