import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NotaryError } from '../errors.ts';
import { MAX_PLUGIN_BYTES, pluginTooLarge } from './archive/archive-error.ts';
import { archiveKind, extractArchive } from './archive/extract.ts';
import { writeStreamed } from './archive/write-streamed.ts';
import { pluginExecutable, pluginNameOf } from './names.ts';
import type { PluginFile } from './plugin.ts';
import type { Stage } from './store.ts';

/** What a plugin is installed from. */
export interface PluginSource {
  /** An executable, a zip or tar.gz archive, or a directory. */
  readonly path: string;
  /** SHA-256 of the file in hexadecimal digits; nothing is done with any other. */
  readonly sha256?: string;
}

/**
 * Gathers the files of a plugin, and finds its executable among them. What is checked and run
 * afterwards are these copies, whoever may change the source meanwhile.
 *
 * @throws NotaryError `NOTARY_PLUGIN_SOURCE_INVALID`, `NOTARY_PLUGIN_CHECKSUM_MISMATCH`,
 *   `NOTARY_PLUGIN_ARCHIVE_INVALID`, `NOTARY_PLUGIN_TOO_LARGE`
 */
export async function gatherPlugin(source: PluginSource, stage: Stage): Promise<PluginFile> {
  const found = await stat(source.path).catch((cause: unknown) => {
    throw sourceInvalid(`${source.path} cannot be read: ${reason(cause)}`, {
      ...source,
      rule: 'unreadable',
      cause,
    });
  });
  if (found.isDirectory()) await gatherDirectory(source.path, stage);
  else if (found.isFile()) await gatherFile(source, stage);
  else throw sourceInvalid(`${source.path} is not a regular file`, { ...source, rule: 'kind' });
  return findExecutable(stage.files, source.path);
}

async function gatherFile(source: PluginSource, stage: Stage): Promise<void> {
  const path = await checked(source, stage);
  const kind = await archiveKind(path);
  if (kind !== undefined) return extractArchive(path, stage.files, kind);
  const fileName = basename(source.path);
  const { mode, size } = await stat(source.path);
  if (size >= MAX_PLUGIN_BYTES) throw pluginTooLarge('file size');
  if (pluginNameOf(fileName) === undefined) {
    throw sourceInvalid(
      `invalid plugin executable file name. Plugin file name requires format notation-{plugin-name}, but got ${fileName}`,
      { ...source, rule: 'file-name' },
    );
  }
  if (!isExecutable(mode)) {
    throw sourceInvalid(`input file ${fileName} is not executable`, { ...source, rule: 'mode' });
  }
  await writeStreamed(join(stage.files, fileName), createReadStream(path), { mode });
}

/** The file, or if it has to have a checksum a copy that has it. */
async function checked({ path, sha256 }: PluginSource, stage: Stage): Promise<string> {
  if (sha256 === undefined) return path;
  const copy = join(stage.scratch, 'source');
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
  }
  await writeStreamed(copy, hashed(), { mode: 0o600 });
  const actual = hash.digest('hex');
  if (actual === sha256.toLowerCase()) return copy;
  throw new NotaryError(
    'NOTARY_PLUGIN_CHECKSUM_MISMATCH',
    `plugin SHA-256 checksum does not match user input. Expecting ${sha256}`,
    {
      data: { path, expected: sha256, actual },
      hint: 'take the checksum from where the plugin is published, and get the plugin again',
    },
  );
}

async function gatherDirectory(source: string, stage: Stage): Promise<void> {
  let size = 0;
  for (const entry of await readdir(source, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(source, entry.name);
    const stats = await stat(path);
    size += stats.size;
    if (size >= MAX_PLUGIN_BYTES) throw pluginTooLarge('total file size');
    const target = join(stage.files, entry.name);
    await writeStreamed(target, createReadStream(path), { mode: stats.mode });
  }
}

async function findExecutable(directory: string, source: string): Promise<PluginFile> {
  const candidates = (await readdir(directory)).filter((file) => pluginNameOf(file) !== undefined);
  const runnable: string[] = [];
  for (const file of candidates) {
    if (isExecutable((await stat(join(directory, file))).mode)) runnable.push(file);
  }
  // which one is run must not depend on whether the file system tells letters from capitals
  const isAmbiguous =
    new Set(candidates.map((file) => file.toLowerCase())).size < candidates.length;
  if (runnable.length > 1 || isAmbiguous) {
    throw sourceInvalid('found more than one plugin executable files', {
      path: source,
      rule: 'several',
    });
  }
  const [file] = runnable.length === 0 && candidates.length === 1 ? candidates : runnable;
  if (file === undefined)
    throw sourceInvalid('no plugin executable file was found', { path: source, rule: 'none' });
  const path = join(directory, file);
  // one that lost its mode on the way here is taken for what its name says
  if (runnable.length === 0) await chmod(path, (await stat(path)).mode | constants.S_IXUSR);
  const given = basename(source);
  const shown = file === given ? file : `${file} in ${given}`;
  return { name: pluginNameOf(file) ?? '', path, shown };
}

function isExecutable(mode: number): boolean {
  return process.platform === 'win32' || (mode & constants.S_IXUSR) !== 0;
}

interface SourceFault {
  readonly path: string;
  readonly rule: 'unreadable' | 'kind' | 'file-name' | 'mode' | 'none' | 'several';
  readonly cause?: unknown;
}

function sourceInvalid(problem: string, { path, rule, cause }: SourceFault): NotaryError {
  return new NotaryError('NOTARY_PLUGIN_SOURCE_INVALID', problem, {
    ...(cause !== undefined && { cause }),
    data: { path, rule },
    hint: `give the executable ${pluginExecutable('<name>')}, or a .zip or .tar.gz archive that holds one`,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
