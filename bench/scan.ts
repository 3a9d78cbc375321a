// `nv2 scan` of many images in one process beside the Go harness as one process for each image, two at
// a time (`xargs -P2`): both against our registry on loopback. Then its memory and time by the number of
// references, against a registry that costs next to nothing. The harness starts both and takes the time.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { KeySpec } from '@nv2/core';
import { createHttpClient, nodeTransport } from '@nv2/http';
import { openRepository } from '@nv2/oci';
import { makeChain, type TestChain } from '@nv2/testkit';
import { askPeerOnce, type PeerMeasured } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';
import { printTable, summarize } from './measure.ts';
import { configure, pushSigned } from './signed-image.ts';

const RUNS = 20;
const IMAGES = 1000;
/** What a process for each image costs does not hang on how many there are. */
const PEER_IMAGES = 100;
/** Each as often as is worth the time. */
const SIZES = [
  { references: 100, runs: 20 },
  { references: 1000, runs: 20 },
  { references: 10_000, runs: 3 },
  { references: 100_000, runs: 1 },
];
const ALGORITHM: KeySpec = { kind: 'rsa', modulusBits: 2048 };
const NV2 = fileURLToPath(new URL('../bin/nv2', import.meta.url));

interface World {
  readonly directory: string;
  readonly chain: TestChain;
  /** For the program and for the harness. */
  readonly environment: readonly string[];
}

async function compareWithProcesses(world: World): Promise<void> {
  const { directory } = world;
  const served = join(directory, 'registry');
  const args = ['registry', 'serve', '--dir', served, '--listen', '127.0.0.1:0'];
  await withServer(NV2, args, async (registry) => {
    const references = await pushImages(registry, world);
    const list = join(directory, 'references.txt');
    await writeFile(list, references.join('\n'));
    const requests = await writeRequests(references.slice(0, PEER_IMAGES), world);
    const harness = await peer('nv2-peer');
    const each = `xargs -P2 -I{} sh -c 'exec ${harness} verify <{}' <${requests}`;
    const ours: PeerMeasured[] = [];
    const theirs: PeerMeasured[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(await measured(NV2, ['scan', '--file', list], world));
      theirs.push(await measured('sh', ['-c', each], world));
    }
    const accepted = theirs[0]?.output?.match(/"ok":true/g)?.length;
    if (accepted !== PEER_IMAGES) throw new Error(`the harness verifies ${accepted} images`);
    printComparison('processor time', 'cpuNanoseconds', { ours, theirs, atMost: 0.12 });
    printComparison('time', 'nanoseconds', { ours, theirs, atMost: 1 / 8 });
  });
}

function printComparison(
  what: string,
  field: 'cpuNanoseconds' | 'nanoseconds',
  by: {
    readonly ours: readonly PeerMeasured[];
    readonly theirs: readonly PeerMeasured[];
    readonly atMost: number;
  },
): void {
  const ours = by.ours.map((run) => run[field] / 1e6 / IMAGES);
  const theirs = by.theirs.map((run) => run[field] / 1e6 / PEER_IMAGES);
  const ratios = ours.map((time, run) => time / (theirs[run] ?? Number.NaN));
  printTable(`${what} for each image, RSA-2048, three certificates`, [
    { name: `nv2 scan of ${IMAGES}`, timing: summarize(ours), unit: 'ms' },
    { name: 'a Go process for each, -P2', timing: summarize(theirs), unit: 'ms' },
    { name: 'ratio', timing: summarize(ratios), unit: '×', atMost: by.atMost },
  ]);
}

async function measureSizes(world: World): Promise<void> {
  const stub = fileURLToPath(new URL('./stub-registry.ts', import.meta.url));
  await withServer(process.execPath, [...process.execArgv, stub], async (registry) => {
    await push(registry, 'app', world);
    for (const { references, runs } of SIZES) {
      const list = join(world.directory, `${references}.txt`);
      const lines = Array.from({ length: references }, (_, at) => `${registry}/r${at}:v1`);
      await writeFile(list, lines.join('\n'));
      const results: PeerMeasured[] = [];
      for (let run = 0; run < runs; run++) {
        results.push(await measured(NV2, ['scan', '-o', 'ndjson', '--file', list], world));
      }
      const of = (figure: (run: PeerMeasured) => number) => summarize(results.map(figure));
      printTable(`${references} references, ${runs} runs`, [
        { name: 'resident memory', timing: of((run) => run.maxRssKilobytes / 1000), unit: 'MB' },
        {
          name: 'processor, each',
          timing: of((run) => run.cpuNanoseconds / 1e6 / references),
          unit: 'ms',
        },
        { name: 'time', timing: of((run) => run.nanoseconds / 1e9), unit: 's' },
      ]);
    }
  });
}

async function measured(
  program: string,
  args: readonly string[],
  { environment }: World,
): Promise<PeerMeasured> {
  const run = await askPeerOnce('measure', { program, arguments: args, environment });
  if (!run.ok) throw new Error(`${program}: ${run.error}\n${run.output?.slice(0, 1000)}`);
  return run;
}

async function pushImages(registry: string, world: World): Promise<readonly string[]> {
  const references: string[] = [];
  for (let image = 0; image < IMAGES; image++) {
    references.push(await push(registry, `r${image}`, world));
  }
  return references;
}

async function push(registry: string, repository: string, { chain }: World): Promise<string> {
  const transport = nodeTransport();
  try {
    const client = createHttpClient({ transport, userAgent: 'nv2-bench' });
    const target = openRepository({ registry, repository }, { client, plainHttp: true });
    return `${registry}/${repository}@${await pushSigned(target, { chain, tag: 'v1' })}`;
  } finally {
    transport.close();
  }
}

/** A file with the harness's request for each reference, and the list of them. */
async function writeRequests(references: readonly string[], { directory }: World): Promise<string> {
  const paths = await Promise.all(
    references.map(async (reference, at) => {
      const path = join(directory, `request-${at}.json`);
      const request = { reference, configDir: directory, plainHttp: true };
      await writeFile(path, `${JSON.stringify(request)}\n`);
      return path;
    }),
  );
  const list = join(directory, 'requests.txt');
  await writeFile(list, `${paths.join('\n')}\n`);
  return list;
}

async function withServer(
  program: string,
  args: readonly string[],
  use: (registry: string) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  try {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await once(lines, 'line')) as [string];
    await use(/http:\/\/([^/]+)\//.exec(line)?.[1] ?? '');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

const directory = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
try {
  const chain = await makeChain({ algorithm: ALGORITHM, authority: ALGORITHM, depth: 3 });
  await configure(
    { config: directory, libexec: directory, cache: directory },
    { chain, scope: '*' },
  );
  const path = `PATH=${process.env['PATH']}`;
  const world = {
    directory,
    chain,
    environment: [`NOTATION_CONFIG=${directory}`, `HOME=${directory}`, path],
  };
  await compareWithProcesses(world);
  await measureSizes(world);
} finally {
  await rm(directory, { recursive: true, force: true });
}
