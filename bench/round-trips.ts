// Verification of one image in a registry that is 50 ms away: what counts is how many times one
// waits for an answer. Both sides verify in one process, once with connections that are there already
// and once with new ones; notation resolves a reference before it verifies, be it a digest.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpClient, nodeTransport } from '@nv2/http';
import {
  directoryTrustStore,
  loadOciTrustPolicy,
  notationFiles,
  type OciTrustPolicy,
  verify,
} from '@nv2/notary';
import { openRepository } from '@nv2/oci';
import { makeChain } from '@nv2/testkit';
import { distant } from './delay.ts';
import { printTable, type Row, summarize, summarizeRatios } from './measure.ts';
import { measurePeerVerify, startPeerRegistry } from './peer.ts';
import { configure, pushSigned, SIGNERS, type SignedBy } from './signed-image.ts';

const ROUND_TRIP_MS = 50;
const RUNS = 20;
const WARMUP = 3;
/** Of verifications nearby, which nobody waits for: what verifies for long has its code compiled. */
const OWN_WARMUP = 500;
const REPOSITORY = 'app';
const USER_AGENT = 'nv2-bench';
/** Bounds: this side's round trips over those of the `notation` command. */
const AT_MOST = { digest: 0.6, tag: 0.8 };

interface Subject {
  readonly registry: string;
  /** The same registry without any distance. */
  readonly near: string;
  readonly config: string;
  readonly policy: OciTrustPolicy;
}

type Version = {
  readonly by: keyof typeof AT_MOST;
  readonly version: string;
  readonly signedBy: SignedBy;
};

/** Milliseconds of each run, on connections that are kept unless a new transport is made for each. */
async function measureOurs(
  subject: Subject,
  { version }: Version,
  cold: boolean,
): Promise<number[]> {
  const times: number[] = [];
  let transport = nodeTransport();
  const warm = createHttpClient({ transport, userAgent: USER_AGENT });
  for (let run = 0; run < OWN_WARMUP; run++) {
    await verifyOnce({ ...subject, registry: subject.near }, version, warm);
  }
  for (let run = 0; run < WARMUP + RUNS; run++) {
    if (cold) {
      transport.close();
      transport = nodeTransport();
    }
    const client = createHttpClient({ transport, userAgent: USER_AGENT });
    const start = performance.now();
    await verifyOnce(subject, version, client);
    if (run >= WARMUP) times.push(performance.now() - start);
  }
  transport.close();
  return times;
}

async function verifyOnce(
  { registry, config, policy }: Subject,
  version: string,
  client: ReturnType<typeof createHttpClient>,
): Promise<void> {
  const scope = `${registry}/${REPOSITORY}`;
  const { trustStore: stores } = notationFiles({ config, libexec: config, cache: config });
  const target = { reference: `${scope}@${version}`, scope, version };
  const repository = { registry, repository: REPOSITORY };
  const source = openRepository(repository, { client, plainHttp: true });
  await verify({ source, ...target }, { policy, trustStore: directoryTrustStore(stores) });
}

async function measureNotation(
  { registry, config }: Subject,
  { by, version }: Version,
  options: { readonly cold: boolean; readonly resolveFirst: boolean },
): Promise<number[]> {
  const reference = `${registry}/${REPOSITORY}${by === 'tag' ? ':' : '@'}${version}`;
  const request = { reference, configDir: config, ...options };
  const warmup = options.cold ? 0 : WARMUP;
  const iterations = options.cold ? 1 : RUNS;
  const times: number[] = [];
  while (times.length < RUNS) {
    // a new process has no connection
    const nanoseconds = await measurePeerVerify({ ...request, warmup, iterations });
    times.push(...nanoseconds.map((ns) => ns / 1e6));
  }
  return times;
}

async function compare(subject: Subject, asked: Version, cold: boolean): Promise<readonly Row[]> {
  const name = `by ${asked.by}, signed as ${asked.signedBy} does, ${cold ? 'new connections' : 'connections kept'}`;
  const ours = await measureOurs(subject, asked, cold);
  const command = await measureNotation(subject, asked, { cold, resolveFirst: true });
  return [
    { name: `${name}: nv2`, timing: summarize(ours), unit: 'ms' },
    { name: `${name}: notation`, timing: summarize(command), unit: 'ms' },
    {
      name: `${name}: ratio`,
      timing: summarizeRatios(ours, command),
      unit: '×',
      // a connection costs both sides one round trip more
      ...(!cold && { atMost: AT_MOST[asked.by] }),
    },
  ];
}

async function main(): Promise<void> {
  const config = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  const near = await startPeerRegistry();
  const far = await distant(near.registry, ROUND_TRIP_MS);
  const transport = nodeTransport();
  try {
    const algorithm = { kind: 'ec', curve: 'P-256' } as const;
    const chain = await makeChain({ algorithm, authority: algorithm, depth: 3 });
    const paths = { config, libexec: config, cache: config };
    await configure(paths, { chain, scope: '*' });
    const client = createHttpClient({ transport, userAgent: USER_AGENT });
    const repository = { registry: near.registry, repository: REPOSITORY };
    const target = openRepository(repository, { client, plainHttp: true });
    const { policy } = await loadOciTrustPolicy(paths);
    const subject = { registry: far.host, near: near.registry, config, policy };
    const rows: Row[] = [];
    for (const signedBy of SIGNERS) {
      const digest = await pushSigned(target, { chain, tag: signedBy, signedBy });
      for (const cold of [false, true]) {
        rows.push(...(await compare(subject, { by: 'digest', version: digest, signedBy }, cold)));
        rows.push(...(await compare(subject, { by: 'tag', version: signedBy, signedBy }, cold)));
      }
    }
    printTable(`verify with a round trip of ${ROUND_TRIP_MS} ms, ${RUNS} runs`, rows);
  } finally {
    transport.close();
    far.close();
    await near.close();
    await rm(config, { recursive: true, force: true });
  }
}

await main();
