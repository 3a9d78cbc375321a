// The single executable beside the Notary Project's `notation`, each run a process of its own from start
// to end: `version`, and `verify` of one image on loopback. The harness takes the time, so that it costs
// both sides the same.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeySpec } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { openRepository } from '@nv2/oci';
import { makeChain } from '@nv2/testkit';
import { askPeer, type PeerMeasured } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';
import { buildExecutable } from '../scripts/executable.ts';
import { printTable, type Row, summarize, summarizeRatios } from './measure.ts';
import { startPeerRegistry } from './peer.ts';
import { configure, pushSigned, SIGNERS } from './signed-image.ts';

const RUNS = 30;
/** Of each side, not counted: the page cache is warm in all that are. */
const WARMUP = 3;
const REPOSITORY = 'app';
const ALGORITHM: KeySpec = { kind: 'rsa', modulusBits: 2048 };

interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: readonly string[];
}

/** Both commands in turns; what each took, and the ratio run by run. */
async function compare(name: string, ours: Command, theirs: Command): Promise<void> {
  const turns = Array.from({ length: WARMUP + RUNS }, () => [ours, theirs]).flat();
  const runs = (
    await askPeer(
      'measure',
      turns.map((turn) => ({ ...turn })),
    )
  ).slice(2 * WARMUP);
  const failed = runs.find(({ ok }) => !ok);
  if (failed !== undefined) throw new Error(`${name}: ${failed.error}\n${failed.output}`);
  const [first, second] = [0, 1].map((side) => runs.filter((_, turn) => turn % 2 === side));
  const rows = (what: string, figureOf: (run: PeerMeasured) => number, unit: string): Row[] => {
    const own = (first ?? []).map(figureOf);
    const other = (second ?? []).map(figureOf);
    return [
      { name: `nv2: ${what}`, timing: summarize(own), unit },
      { name: `notation: ${what}`, timing: summarize(other), unit },
      { name: `ratio: ${what}`, timing: summarizeRatios(own, other), unit: '×' },
    ];
  };
  const [ownTime, otherTime, ratio] = rows('time', (run) => run.nanoseconds / 1e6, 'ms');
  if (!ownTime || !otherTime || !ratio) return;
  printTable(`${name}, ${RUNS} runs of each in turns`, [
    ownTime,
    otherTime,
    { ...ratio, atMost: 1 },
    ...rows('processor', (run) => run.cpuNanoseconds / 1e6, 'ms'),
    ...rows('resident memory', (run) => run.maxRssKilobytes / 1000, 'MB'),
  ]);
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  const nv2 = join(await buildExecutable(), 'nv2');
  const notation = await peer('notation');
  const transport = nodeTransport();
  const client = createHttpClient({ transport, userAgent: 'nv2-bench' });
  const { registry, close } = await startPeerRegistry();
  try {
    const version = { arguments: ['version'] };
    await compare('version', { program: nv2, ...version }, { program: notation, ...version });
    const chain = await makeChain({ algorithm: ALGORITHM, authority: ALGORITHM, depth: 3 });
    const scope = `${registry}/${REPOSITORY}`;
    await configure({ config: directory, libexec: directory, cache: directory }, { chain, scope });
    const options = { client, plainHttp: true };
    const target = openRepository({ registry, repository: REPOSITORY }, options);
    const environment = [`NOTATION_CONFIG=${directory}`, `HOME=${directory}`];
    for (const signedBy of SIGNERS) {
      const reference = `${scope}@${await pushSigned(target, { chain, tag: signedBy, signedBy })}`;
      await compare(
        `verify of one image by digest, signed as ${signedBy} does, RSA-2048, three certificates`,
        { program: nv2, arguments: ['verify', reference], environment },
        {
          program: notation,
          arguments: ['verify', '--insecure-registry', reference],
          environment,
        },
      );
    }
  } finally {
    transport.close();
    await close();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
