// `nv2 scan` of many images in one process beside `notation verify` as one process for each image, two
// at a time (`xargs -P2`): both against our registry on loopback. The harness starts both and takes the
// time.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerMeasured } from '../interop/peer-client.ts';
import { peer } from '../interop/peers.ts';
import { printTable, summarize } from './measure.ts';
import { inWorld, measured, NV2, type World, withImages } from './scan-world.ts';

const RUNS = 20;
const IMAGES = 1000;
/** What a process for each image costs does not hang on how many there are. */
const PEER_IMAGES = 100;

async function compareWithProcesses(world: World): Promise<void> {
  const { directory } = world;
  await withImages(IMAGES, world, async (references) => {
    const list = join(directory, 'references.txt');
    await writeFile(list, references.join('\n'));
    const some = join(directory, 'some.txt');
    await writeFile(some, references.slice(0, PEER_IMAGES).join('\n'));
    const notation = await peer('notation');
    const each = `xargs -P2 -n1 ${notation} verify --insecure-registry <${some}`;
    const ours: PeerMeasured[] = [];
    const theirs: PeerMeasured[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(await measured(NV2, ['scan', '--file', list], world));
      theirs.push(await measured('sh', ['-c', each], world));
    }
    const accepted = theirs[0]?.output?.match(/^Successfully verified signature for /gm)?.length;
    if (accepted !== PEER_IMAGES) throw new Error(`notation verifies ${accepted} images`);
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
    { name: 'notation verify of each, -P2', timing: summarize(theirs), unit: 'ms' },
    { name: 'ratio', timing: summarize(ratios), unit: '×', atMost: by.atMost },
  ]);
}

await inWorld(compareWithProcesses);
