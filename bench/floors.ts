// Below what no command can go that is made of the same parts: an empty program of bun, programs that
// ask a registry what a verification asks and do nothing else, and what of it a scan asks on Node. Beside
// the `notation` command, which does all of it. Runs only when it is named.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PeerMeasured } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';
import { CONCURRENCY } from '../packages/cli/src/table/flags.ts';
import { compileProgram } from '../scripts/executable.ts';
import type { Asked } from './floors/questions.ts';
import { printTable, summarize } from './measure.ts';
import { inWorld, measured, type World, withImages } from './scan-world.ts';

const RUNS = 20;
const IMAGES = 1000;
/** As many as `scan` has at work by default. */
const AT_ONCE = String(CONCURRENCY.default);

interface Program {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** How often one run does what is measured. */
  readonly times?: number;
}

async function measureFloors(world: World): Promise<void> {
  const { directory } = world;
  await withImages(IMAGES, world, async ({ nv2: references }) => {
    const [reference = ''] = references;
    const questions: Asked[] = [];
    for (const pushed of references) questions.push(await askedOf(pushed));
    const [one, all] = [join(directory, 'one.txt'), join(directory, 'all.txt')];
    await writeFile(one, questions.slice(0, 1).map(line).join('\n'));
    await writeFile(all, questions.map(line).join('\n'));
    const notation = await peer('notation');
    const empty = await compiled('empty', directory);
    const viaHttp = await compiled('http', directory);
    const viaFetch = await compiled('fetch', directory);
    const verify = ['verify', '--insecure-registry', reference];
    await compare('from start to end', world, [
      { name: 'empty program of bun', program: empty, args: [] },
      { name: 'notation version', program: notation, args: ['version'] },
      { name: 'the questions of a verify, bun, node:http', program: viaHttp, args: [one] },
      { name: 'the questions of a verify, bun, fetch', program: viaFetch, args: [one] },
      { name: 'notation verify', program: notation, args: verify },
    ]);
    const node = { program: process.execPath, times: IMAGES };
    const script = fileURLToPath(new URL('./floors/http.ts', import.meta.url));
    const asked = [...process.execArgv, script, all, AT_ONCE];
    await compare('for each image', world, [
      { name: 'the questions of a scan, Node, node:http', ...node, args: asked },
      {
        name: 'the questions of a scan, bun, fetch',
        program: viaFetch,
        args: [all, AT_ONCE],
        times: IMAGES,
      },
      { name: 'notation verify', program: notation, args: verify },
    ]);
  });
}

function line(asked: Asked): string {
  return JSON.stringify(asked);
}

/** What a verification of a reference by digest comes upon, of an image that is signed as nv2 does. */
async function askedOf(reference: string): Promise<Asked> {
  const [registry, repository, subject = ''] = reference.split(/\/|@/);
  const base = `http://${registry}/v2/${repository}`;
  const index = (await answerOf(`${base}/referrers/${subject}`)) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const signature = index.manifests[0]?.digest ?? '';
  if (signature === '') throw new Error(`${reference} has no signature`);
  return { base, subject, signature };
}

async function answerOf(url: string): Promise<unknown> {
  return await (await fetch(url)).json();
}

async function compiled(name: string, directory: string): Promise<string> {
  const program = join(directory, name);
  await compileProgram(fileURLToPath(new URL(`./floors/${name}.ts`, import.meta.url)), program);
  return program;
}

async function compare(title: string, world: World, programs: readonly Program[]): Promise<void> {
  const runs = programs.map((): PeerMeasured[] => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [at, { program, args }] of programs.entries()) {
      runs[at]?.push(await measured(program, args, world));
    }
  }
  for (const [what, field] of FIGURES) {
    const rows = programs.map(({ name, times = 1 }, at) => {
      const figures = runs[at]?.map((run) => run[field] / 1e6 / times) ?? [];
      return { name, timing: summarize(figures), unit: 'ms' };
    });
    printTable(`${what} ${title}, ${RUNS} runs of each in turns`, rows);
  }
}

const FIGURES = [
  ['processor time', 'cpuNanoseconds'],
  ['time', 'nanoseconds'],
] as const;

await inWorld(measureFloors);
