// Verification of one image in one process, against a registry on loopback: nv2 beside notation-go.
// The policy is read once and connections are kept; the trust store is read, the repository opened
// and everything fetched anew for each verification, on both sides alike.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeySpec } from '@nv2/core';
import { createHttpClient, type HttpClient, nodeTransport } from '@nv2/http';
import {
  directoryTrustStore,
  loadOciTrustPolicy,
  type NotationPaths,
  notationFiles,
  type OciTrustPolicy,
  verify,
} from '@nv2/notary';
import { type ArtifactTarget, openRepository } from '@nv2/oci';
import { makeChain } from '@nv2/testkit';
import { printTable, type Row, summarize, summarizeRatios } from './measure.ts';
import { measurePeerVerify, startPeerRegistry } from './peer.ts';
import { configure, pushSigned, SIGNERS } from './signed-image.ts';

const ROUNDS = 21;
const ITERATIONS = 100;
/** Before the first round; the peer is a process of its own each time. */
const OWN_WARMUP = 3000;
const PEER_WARMUP = 100;
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
  const server = await startPeerRegistry();
  try {
    for (const [name, algorithm] of Object.entries(ALGORITHMS)) {
      const config = join(directory, name);
      const chain = await makeChain({ algorithm, authority: algorithm, depth: 3 });
      const paths = { config, libexec: config, cache: config };
      await configure(paths, { chain, scope: `${server.registry}/${REPOSITORY}` });
      const { policy } = await loadOciTrustPolicy(paths);
      const base = { registry: server.registry, client, paths, policy };
      for (const signedBy of SIGNERS) {
        const tag = `${name.toLowerCase()}-${signedBy}`;
        const digest = await pushSigned(open(base), { chain, tag, signedBy });
        const rows = [
          ...(await compare('by tag', { ...base, version: tag })),
          ...(await compare('by digest', { ...base, version: digest })),
        ];
        const title = `verify of one image, signed as ${signedBy} does, ${name}, three certificates`;
        printTable(title, rows);
      }
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
  await measureOurs({ subject, reference, iterations: OWN_WARMUP });
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(summarize(await measureOurs({ subject, reference, iterations: ITERATIONS })).median);
    const configDir = subject.paths.config;
    const run = { reference, configDir, warmup: PEER_WARMUP, iterations: ITERATIONS };
    theirs.push(summarize((await measurePeerVerify(run)).map((ns) => ns / 1000)).median);
  }
  return [
    { name: `nv2, ${name}`, timing: summarize(ours), unit: 'µs' },
    { name: `notation-go, ${name}`, timing: summarize(theirs), unit: 'µs' },
    { name: `ratio, ${name}`, timing: summarizeRatios(ours, theirs), unit: '×', atMost: 1 },
  ];
}

async function measureOurs({
  subject,
  reference,
  iterations,
}: {
  readonly subject: Subject;
  readonly reference: string;
  readonly iterations: number;
}): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < iterations; i++) {
    const start = process.hrtime.bigint();
    await verifyOnce(subject, reference);
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return times;
}

async function verifyOnce(subject: Subject, reference: string): Promise<void> {
  const { registry, paths, policy, version } = subject;
  const target = { reference, scope: `${registry}/${REPOSITORY}`, version };
  const trustStore = directoryTrustStore(notationFiles(paths).trustStore);
  await verify({ source: open(subject), ...target }, { policy, trustStore });
}

function open({ registry, client }: Pick<Subject, 'registry' | 'client'>): ArtifactTarget {
  return openRepository({ registry, repository: REPOSITORY }, { client, plainHttp: true });
}

await benchmark();
