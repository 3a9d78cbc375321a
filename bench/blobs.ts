// A large file signed and verified by the command line, beside a small one and beside openssl, which
// only hashes it: the time per byte, and how much more memory the large one takes. An argument names
// another size in GB; the file is sparse, so it takes no room on the disk.
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peer } from '../interop/peers.ts';
import { printTable, summarize, type Timing } from './measure.ts';

const GIGABYTES = Number(process.argv[2] ?? 2);
const LARGE = GIGABYTES * 1e9;
const SMALL = 1e6;
const RUNS = 3;
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

async function repeat(work: () => Promise<Run>): Promise<{
  readonly seconds: Timing;
  readonly megabytes: Timing;
}> {
  const runs: Run[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await work());
  return {
    seconds: summarize(runs.map(({ milliseconds }) => milliseconds / 1000)),
    megabytes: summarize(runs.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

async function makeFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(bytes);
  await file.close();
}

/** The time of the large file without that of the small one, over another such time. */
function ratio(large: Timing, small: Timing, other: Timing): Timing {
  return summarize([(large.median - small.median) / other.median]);
}

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'nv2-bench-'));
  try {
    await makeFile(join(home, 'small'), SMALL);
    await makeFile(join(home, 'large'), LARGE);
    await nv2(['cert', 'generate-test', '--default', 'bench'], home);
    const trust = ['--trust-store', 'ca:bench', '--trusted-identity', '*'];
    await nv2(['blob', 'policy', 'init', '--global', '--name', 'bench', ...trust], home);
    const sign = (name: string) => repeat(() => nv2(['blob', 'sign', '--force', name], home));
    const verify = (name: string) =>
      repeat(() => nv2(['blob', 'verify', '-s', `${name}.jws.sig`, name], home));
    const openssl = await peer('openssl');
    const signed = { small: await sign('small'), large: await sign('large') };
    const verified = { small: await verify('small'), large: await verify('large') };
    const hashed = await repeat(() => run(openssl, ['dgst', '-sha256', 'large'], home));
    const seconds = [
      { name: 'sign 1 MB', timing: signed.small.seconds, unit: 's' },
      { name: `sign ${GIGABYTES} GB`, timing: signed.large.seconds, unit: 's' },
      { name: 'verify 1 MB', timing: verified.small.seconds, unit: 's' },
      { name: `verify ${GIGABYTES} GB`, timing: verified.large.seconds, unit: 's' },
      { name: `openssl dgst ${GIGABYTES} GB`, timing: hashed.seconds, unit: 's' },
    ];
    printTable(`blobs, ${RUNS} runs each`, [
      ...seconds,
      ...Object.entries({ sign: signed, verify: verified }).flatMap(([name, { small, large }]) => [
        {
          name: `${name}: time per byte / openssl`,
          timing: ratio(large.seconds, small.seconds, hashed.seconds),
          unit: '×',
          atMost: AGAINST_OPENSSL,
        },
        {
          name: `${name}: memory beyond that for 1 MB`,
          timing: summarize([large.megabytes.max - small.megabytes.median]),
          unit: 'MB',
          atMost: GROWTH_MB,
        },
      ]),
    ]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

await main();
