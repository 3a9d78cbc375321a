// Verifications on one core in one process: the same signature judged again and again by the same
// policy, nv2 beside notation-go. Artifact, signature, policy and trust store are in memory on both
// sides. What counts is processor time of the whole process, the collection of garbage included, so
// that the load of the machine changes little.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeySpec } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  JWS_MEDIA_TYPE,
  localSigner,
} from '@nv2/envelope';
import { memoryTrustStore, parseOciTrustPolicy, sign, verify } from '@nv2/notary';
import { type ArtifactSource, type Descriptor, parseManifest } from '@nv2/oci';
import { makeChain, memoryTarget } from '@nv2/testkit';
import { askPeerOnce } from '../interop/peer-client.ts';
import { printTable, type Row, summarize, summarizeRatios } from './measure.ts';
import { policyDocument, pushImage, writeTrustStore } from './signed-image.ts';

const ROUNDS = 21;
const ITERATIONS = 200;
/** Of each side before each round, which comes after a round of the other. */
const WARMUP = 200;
/** Until the compiler of the runtime has done what it will do. */
const OWN_WARMUP = 20_000;
const SCOPE = 'registry.example.com/app';

const KEYS: Readonly<Record<string, KeySpec>> = {
  'RSA-2048': { kind: 'rsa', modulusBits: 2048 },
  'P-256': { kind: 'ec', curve: 'P-256' },
  'P-384': { kind: 'ec', curve: 'P-384' },
};

const FORMATS: Readonly<Record<string, EnvelopeMediaType>> = {
  jws: JWS_MEDIA_TYPE,
  cose: COSE_MEDIA_TYPE,
};

/** One verification on either side. */
interface Sides {
  readonly ours: () => Promise<unknown>;
  /** Processor time of one, in µs. */
  readonly theirs: () => Promise<number>;
}

async function prepare(algorithm: KeySpec, format: string, configDir: string): Promise<Sides> {
  const mediaType = FORMATS[format] ?? JWS_MEDIA_TYPE;
  const { chain, leafKey, root } = await makeChain({ algorithm, authority: algorithm, depth: 3 });
  const target = memoryTarget();
  const subject = await pushImage(target, 'v1');
  const { digest } = subject;
  await sign(
    { source: target, version: digest },
    { signer: localSigner(leafKey, chain), format: mediaType, embed: false },
  );
  await writeTrustStore(configDir, root);
  const document = policyDocument(SCOPE);
  const options = {
    policy: parseOciTrustPolicy(new TextEncoder().encode(JSON.stringify(document))),
    trustStore: memoryTrustStore({ 'ca:bench': [root] }),
  };
  const { source, envelope } = await signedArtifact(target, subject);
  const asked = { source, reference: `${SCOPE}@${digest}`, scope: SCOPE, version: digest };
  const request = { subject, envelope, format, policy: document, scope: SCOPE, configDir };
  return {
    ours: () => verify(asked, options),
    theirs: async () => {
      const run = { ...request, warmup: WARMUP, iterations: ITERATIONS };
      const { cpuNanoseconds, error } = await askPeerOnce('bench-judge', run);
      if (cpuNanoseconds === undefined) throw new Error(`notation-go does not verify: ${error}`);
      return cpuNanoseconds / 1000;
    },
  };
}

/** The artifact with its one signature as a source that only gives what it holds. */
async function signedArtifact(
  target: ReturnType<typeof memoryTarget>,
  subject: Descriptor,
): Promise<{ readonly source: ArtifactSource; readonly envelope: Uint8Array }> {
  const [listed] = target.listed.get(subject.digest) ?? [];
  if (listed === undefined) throw new Error('nothing was signed');
  const manifest = await target.fetchManifest(listed);
  const parsed = parseManifest(manifest, listed.mediaType);
  const [layer] = parsed.kind === 'image' ? parsed.layers : [];
  const envelope = layer && target.contents.get(layer.digest);
  if (envelope === undefined) throw new Error('the signature has no envelope');
  const source: ArtifactSource = {
    resolve: async () => subject,
    async *referrers() {
      yield listed;
    },
    fetchManifest: async () => manifest,
    fetchBlob: async () => envelope,
  };
  return { source, envelope };
}

async function measureOurs(verifyOnce: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < WARMUP; i++) await verifyOnce();
  const before = process.cpuUsage();
  for (let i = 0; i < ITERATIONS; i++) await verifyOnce();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ITERATIONS;
}

async function compare(name: string, { ours, theirs }: Sides): Promise<readonly Row[]> {
  for (let i = 0; i < OWN_WARMUP; i++) await ours();
  const own: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await measureOurs(ours));
    other.push(await theirs());
  }
  return [
    { name: `${name}: nv2`, timing: summarize(own), unit: 'µs' },
    { name: `${name}: notation-go`, timing: summarize(other), unit: 'µs' },
    {
      name: `${name}: as many verifications as notation-go`,
      timing: summarizeRatios(other, own),
      unit: '×',
      atLeast: name.includes('RSA') ? 3 : 1,
    },
  ];
}

const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
try {
  const rows: Row[] = [];
  for (const [keyName, key] of Object.entries(KEYS)) {
    for (const format of Object.keys(FORMATS)) {
      const config = join(directory, `${keyName}-${format}`);
      const sides = await prepare(key, format, config);
      rows.push(...(await compare(`${keyName}, ${format}`, sides)));
    }
  }
  printTable('one verification in memory, three certificates, processor time', rows);
} finally {
  await rm(directory, { recursive: true, force: true });
}
