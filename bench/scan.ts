// `nv2 scan` of many images in one process beside `notation verify` as one process for each image, two
// at a time (`xargs -P2`): both against our registry on loopback. The harness starts both and takes the
// time.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerMeasured } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';
import { printTable, summarize, summarizeRatios } from './measure.ts';
import { inWorld, measured, NV2, type World, withImages } from './scan-world.ts';

const RUNS = 20;
const IMAGES = 1000;
/** What a process for each image costs does not hang on how many there are. */
const PEER_IMAGES = 100;

async function compareWithProcesses(world: World): Promise<void> {
  const { directory } = world;
  await withImages(IMAGES, world, async (references) => {
    const lists = { nv2: join(directory, 'nv2.txt'), notation: join(directory, 'notation.txt') };
    await writeFile(lists.nv2, references.nv2.join('\n'));
    await writeFile(lists.notation, references.notation.join('\n'));
    const some = join(directory, 'some.txt');
    await writeFile(some, references.nv2.slice(0, PEER_IMAGES).join('\n'));
    const notation = await peer('notation');
    const each = `xargs -P2 -n1 ${notation} verify --insecure-registry <${some}`;
    const runs: Runs = { ours: [], plain: [], theirs: [] };
    for (let run = 0; run < RUNS; run++) {
      runs.ours.push(await measured(NV2, ['scan', '--file', lists.nv2], world));
      runs.plain.push(await measured(NV2, ['scan', '--file', lists.notation], world));
      runs.theirs.push(await measured('sh', ['-c', each], world));
    }
    const [first] = runs.theirs;
    const accepted = first?.output?.match(/^Successfully verified signature for /gm)?.length;
    if (accepted !== PEER_IMAGES) throw new Error(`notation verifies ${accepted} images`);
    printComparison('processor time', 'cpuNanoseconds', { ...runs, atMost: 0.12 });
    printComparison('time', 'nanoseconds', { ...runs, atMost: 1 / 8 });
  });
}

interface Runs {
  /** Of images that are signed as nv2 does. */
  readonly ours: PeerMeasured[];
  /** Of images that are signed as notation does. */
  readonly plain: PeerMeasured[];
  readonly theirs: PeerMeasured[];
}

function printComparison(
  what: string,
  field: 'cpuNanoseconds' | 'nanoseconds',
  { atMost, ...by }: Runs & { readonly atMost: number },
): void {
  const ours = by.ours.map((run) => run[field] / 1e6 / IMAGES);
  const plain = by.plain.map((run) => run[field] / 1e6 / IMAGES);
  const theirs = by.theirs.map((run) => run[field] / 1e6 / PEER_IMAGES);
  printTable(`${what} for each image, RSA-2048, three certificates`, [
    { name: `nv2 scan of ${IMAGES}, signed as nv2 does`, timing: summarize(ours), unit: 'ms' },
    { name: 'nv2 scan, signed as notation does', timing: summarize(plain), unit: 'ms' },
    { name: 'notation verify of each, -P2', timing: summarize(theirs), unit: 'ms' },
    { name: 'ratio, signed as nv2 does', timing: summarizeRatios(ours, theirs), unit: '×', atMost },
    {
      name: 'ratio, signed as notation does',
      timing: summarizeRatios(plain, theirs),
      unit: '×',
      atMost,
    },
  ]);
}

await inWorld(compareWithProcesses);
