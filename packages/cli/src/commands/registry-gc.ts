import { resolve } from 'node:path';
import { collectGarbage, diskStorage } from '@nv2/registry';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';

/** `registry gc`: gives back the space of what nothing refers to, while nobody serves it. */
export async function run({ io, flags, printer }: CommandContext): Promise<void> {
  const dir = flags.string('dir');
  if (dir === '') throw usageError('the directory of --dir is empty');
  const path = resolve(io.cwd, dir);
  const report = await prefixed(`failed to collect the garbage of ${path}`, async () => {
    const storage = await diskStorage(path, { create: false });
    try {
      return await collectGarbage(storage, {
        now: io.now().getTime(),
        minAgeMs: flags.integer('min-age-hours') * 60 * 60 * 1000,
        removeUntagged: flags.isOn('remove-untagged'),
        signal: io.signal,
      });
    } finally {
      await storage.close();
    }
  });
  if (flags.string('output') === 'json') {
    printer.json(report);
    return;
  }
  for (const manifest of report.manifests) printer.line(`Removed manifest ${manifest}`);
  for (const blob of report.blobs) printer.line(`Removed blob ${blob}`);
  printer.line(`${report.bytes} bytes were freed in ${report.repositories} repositories`);
}
