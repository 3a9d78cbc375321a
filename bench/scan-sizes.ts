// Memory and time of `nv2 scan` by the number of references, against a registry that costs next to
// nothing. Takes an hour, so that it runs only when it is named.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PeerMeasured } from '../interop/peer-client.ts';
import { printTable, summarize } from './measure.ts';
import { inWorld, measured, NV2, push, type World, withServer } from './scan-world.ts';

const RUNS = 20;
const SIZES = [100, 1000, 10_000, 100_000];

async function measureSizes(world: World): Promise<void> {
  const stub = fileURLToPath(new URL('./stub-registry.ts', import.meta.url));
  await withServer(process.execPath, [...process.execArgv, stub], async (registry) => {
    await push({ registry, repository: 'app' }, world, 'nv2');
    for (const references of SIZES) {
      const list = join(world.directory, `${references}.txt`);
      const lines = Array.from({ length: references }, (_, at) => `${registry}/r${at}:v1`);
      await writeFile(list, lines.join('\n'));
      const args = ['scan', '-o', 'ndjson', '--file', list];
      const results: PeerMeasured[] = [];
      for (let runs = 0; runs < RUNS; runs++) {
        const { output: _verdicts, ...run } = await measured(NV2, args, world);
        results.push(run);
      }
      const of = (figure: (run: PeerMeasured) => number) => summarize(results.map(figure));
      printTable(`${references} references, ${RUNS} runs`, [
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

await inWorld(measureSizes);
