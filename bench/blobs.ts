// A large file signed and verified by the command line, beside a small one and beside openssl, which
// only hashes it: the time per byte, and how much more memory the large one takes. An argument names
// another size in GB; the file is sparse, so it takes no room on the disk.
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peer } from '../interop/peers.ts';
import { printTable, summarize } from './measure.ts';

const GIGABYTES = Number(process.argv[2] ?? 2);
const LARGE = GIGABYTES * 1e9;
const SMALL = 1e6;
const RUNS = 20;
/** The memory that a large file may take beyond a small one: buffers, not content. */
const GROWTH_MB = 16;
/** Reading and hashing in one thread, against a program that does nothing else. */
const AGAINST_OPENSSL = 1.2;

const CLI = fileURLToPath(new URL('../packages/cli/src/nv2.ts', import.meta.url));
// the last words of the process say how much memory it had at most
const REPORT = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))`;

/** What one run of a program took. */
interface Run {
  readonly milliseconds: number;
  readonly peakMegabytes: number;
}

async function run(program: string, args: readonly string[], home: string): Promise<Run> {
  const began = performance.now();
  const child = spawn(program, args, {
    cwd: home,
    env: { HOME: home, NOTATION_CONFIG: join(home, 'config') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const milliseconds = performance.now() - began;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stderr}`);
  return { milliseconds, peakMegabytes: Number(/peak (\d+)/.exec(stderr)?.[1] ?? 0) / 1000 };
}

function nv2(args: readonly string[], home: string): Promise<Run> {
  const node = ['--conditions=@nv2/source', '--import', REPORT, CLI];
  return run(process.execPath, [...node, ...args], home);
}

interface Turns {
  readonly seconds: readonly number[];
  readonly megabytes: readonly number[];
}

/** Each of the programs in turns. */
async function inTurns<Name extends string>(
  works: Readonly<Record<Name, () => Promise<Run>>>,
): Promise<ReadonlyMap<Name, Turns>> {
  const names = Object.keys(works) as Name[];
  const runs = new Map(names.map((name) => [name, [] as Run[]]));
  for (let i = 0; i < RUNS; i++) {
    for (const name of names) runs.get(name)?.push(await works[name]());
  }
  const turns = ([name, own]: readonly [Name, readonly Run[]]): readonly [Name, Turns] => [
    name,
    {
      seconds: own.map(({ milliseconds }) => milliseconds / 1000),
      megabytes: own.map(({ peakMegabytes }) => peakMegabytes),
    },
  ];
  return new Map(Array.from(runs, turns));
}

const NONE: Turns = { seconds: [], megabytes: [] };

async function makeFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(bytes);
  await file.close();
}

/** By turn: the time of the large file without that of the small one, over that of openssl. */
function ratios(large: Turns, small: Turns, openssl: Turns): readonly number[] {
  return large.seconds.map(
    (time, turn) =>
      (time - (small.seconds[turn] ?? Number.NaN)) / (openssl.seconds[turn] ?? Number.NaN),
  );
}

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  try {
    await makeFile(join(home, 'small'), SMALL);
    await makeFile(join(home, 'large'), LARGE);
    await nv2(['cert', 'generate-test', '--default', 'bench'], home);
    const trust = ['--trust-store', 'ca:bench', '--trusted-identity', '*'];
    await nv2(['blob', 'policy', 'init', '--global', '--name', 'bench', ...trust], home);
    const sign = (name: string) => () => nv2(['blob', 'sign', '--force', name], home);
    const verify = (name: string) => () =>
      nv2(['blob', 'verify', '-s', `${name}.jws.sig`, name], home);
    const openssl = await peer('openssl');
    const turns = await inTurns({
      'sign 1 MB': sign('small'),
      'sign large': sign('large'),
      'verify 1 MB': verify('small'),
      'verify large': verify('large'),
      'openssl dgst': () => run(openssl, ['dgst', '-sha256', 'large'], home),
    });
    const compared = (['sign', 'verify'] as const).flatMap((name) => {
      const large = turns.get(`${name} large`) ?? NONE;
      const small = turns.get(`${name} 1 MB`) ?? NONE;
      const beyond = large.megabytes.map(
        (peak, turn) => peak - (small.megabytes[turn] ?? Number.NaN),
      );
      return [
        {
          name: `${name}: time per byte / openssl`,
          timing: summarize(ratios(large, small, turns.get('openssl dgst') ?? NONE)),
          unit: '×',
          atMost: AGAINST_OPENSSL,
        },
        {
          name: `${name}: memory beyond that for 1 MB`,
          timing: summarize(beyond),
          unit: 'MB',
          atMost: GROWTH_MB,
        },
      ];
    });
    printTable(`blobs, large is ${GIGABYTES} GB, ${RUNS} runs of each in turns`, [
      ...Array.from(turns, ([name, { seconds }]) => ({
        name,
        timing: summarize(seconds),
        unit: 's',
      })),
      ...compared,
    ]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

await main();
