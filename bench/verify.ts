// Verification of one image in one process, against a registry on loopback: nv2 beside notation-go.
// The policy is read once and connections are kept; the trust store is read, the repository opened
// and everything fetched anew for each verification, on both sides alike.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodePem, encodeUtf8, type KeySpec } from '@nv2/core';
import { JWS_MEDIA_TYPE, localSigner } from '@nv2/envelope';
import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  directoryTrustStore,
  loadOciTrustPolicy,
  type NotationPaths,
  notationFiles,
  type OciTrustPolicy,
  sign,
  verify,
} from '@nv2/notary';
import { type ArtifactTarget, describeContent, MEDIA_TYPE, openRepository } from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { peer } from '../interop/peers.ts';
import { printTable, type Row, summarize } from './measure.ts';
import { measurePeerVerify } from './peer.ts';

const ROUNDS = 5;
const ITERATIONS = 200;
const WARMUP = 500;
const REPOSITORY = 'app';

const ALGORITHMS: Readonly<Record<string, KeySpec>> = {
  'EC-256': { kind: 'ec', curve: 'P-256' },
  'RSA-2048': { kind: 'rsa', modulusBits: 2048 },
};

interface Subject {
  readonly registry: string;
  readonly client: HttpClient;
  readonly paths: NotationPaths;
  readonly policy: OciTrustPolicy;
  /** Tag or digest. */
  readonly version: string;
}

async function benchmark(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  const transport = nodeTransport();
  const client = createHttpClient({ transport, userAgent: 'nv2-bench' });
  const server = await startRegistry();
  try {
    for (const [name, algorithm] of Object.entries(ALGORITHMS)) {
      const config = join(directory, name);
      const chain = await makeChain({ algorithm, authority: algorithm, depth: 3 });
      const paths = { config, libexec: config, cache: config };
      await configure(paths, { chain, registry: server.registry });
      const { policy } = await loadOciTrustPolicy(paths);
      const base = { registry: server.registry, client, paths, policy };
      const digest = await pushSigned(open(base), { chain, tag: name.toLowerCase() });
      const rows = [
        ...(await compare('by tag', { ...base, version: name.toLowerCase() })),
        ...(await compare('by digest', { ...base, version: digest })),
      ];
      printTable(`verify of one image, ${name}, three certificates`, rows);
    }
  } finally {
    transport.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function compare(name: string, subject: Subject): Promise<readonly Row[]> {
  const separator = subject.version.includes(':') ? '@' : ':';
  const reference = `${subject.registry}/${REPOSITORY}${separator}${subject.version}`;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(summarize(await measureOurs(subject, reference)).median);
    const configDir = subject.paths.config;
    const run = { reference, configDir, warmup: WARMUP, iterations: ITERATIONS };
    theirs.push(summarize((await measurePeerVerify(run)).map((ns) => ns / 1000)).median);
  }
  const ratios = ours.map((time, round) => time / (theirs[round] ?? Number.NaN));
  return [
    { name: `nv2, ${name}`, timing: summarize(ours), unit: 'µs' },
    { name: `notation-go, ${name}`, timing: summarize(theirs), unit: 'µs' },
    { name: `ratio, ${name}`, timing: summarize(ratios), unit: '×', atMost: 1 },
  ];
}

async function measureOurs(subject: Subject, reference: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARMUP + ITERATIONS; i++) {
    const start = process.hrtime.bigint();
    await verifyOnce(subject, reference);
    if (i >= WARMUP) times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return times;
}

async function verifyOnce(subject: Subject, reference: string): Promise<void> {
  const { registry, paths, policy, version } = subject;
  const target = { reference, scope: `${registry}/${REPOSITORY}`, version };
  const trustStore = directoryTrustStore(notationFiles(paths).trustStore);
  await verify(open(subject), target, { policy, trustStore });
}

function open({ registry, client }: Pick<Subject, 'registry' | 'client'>): ArtifactTarget {
  return openRepository({ registry, repository: REPOSITORY }, { client, plainHttp: true });
}

async function pushSigned(
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

async function configure(
  paths: NotationPaths,
  trusted: { readonly chain: TestChain; readonly registry: string },
): Promise<void> {
  const { ociTrustPolicy, trustStore } = notationFiles(paths);
  const store = join(trustStore, 'ca', 'bench');
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'root.pem'), encodePem('CERTIFICATE', trusted.chain.root.der));
  const statement = {
    name: 'bench',
    registryScopes: [`${trusted.registry}/${REPOSITORY}`],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:bench'],
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=Notary'],
  };
  const document = { version: '1.0', trustPolicies: [statement] };
  await writeFile(ociTrustPolicy, JSON.stringify(document));
}

async function startRegistry(): Promise<{ readonly registry: string; close(): Promise<void> }> {
  const child = spawn(await peer('nv2-peer'), ['registry'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [line] = await once(createInterface(child.stdout), 'line');
  return {
    registry: new URL(String(line)).host,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

await benchmark();
