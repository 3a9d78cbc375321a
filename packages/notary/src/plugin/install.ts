import { constants, type Stats } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import { systemCode } from '../files/read-file.ts';
import { pluginDirectory, pluginExecutable, pluginNameOf, TEMPORARY_PREFIX } from './directory.ts';
import { executablePlugin, type PluginOptions, pluginMetadata } from './plugin.ts';
import type { PluginMetadata } from './protocol.ts';
import { compareSemver } from './semver.ts';

/** What {@link installPlugin} installs, and how. */
export interface InstallPluginOptions extends PluginOptions {
  /** The executable `notation-<name>`, or a directory that holds it and the files it needs. */
  readonly source: string;
  /** Replace an installed plugin whatever its version, even one that no longer works. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/** A plugin that was installed. */
export interface InstalledPlugin {
  readonly metadata: PluginMetadata;
  /** What it replaced. */
  readonly previous?: PluginMetadata;
}

/**
 * Installs a plugin below a directory of plugins. It is asked for its metadata first, so it is run
 * with the rights of the caller: install only what you trust. The files are copied beside the old
 * ones and take their place at once; when anything fails, the old ones stay.
 *
 * @throws NotaryError `NOTARY_PLUGIN_SOURCE_INVALID`, `NOTARY_PLUGIN_DOWNGRADE`,
 *   `NOTARY_PLUGIN_SAME_VERSION`, `NOTARY_PLUGIN_INSTALL_FAILED`, those of {@link pluginMetadata}
 * @see specifications plugin-extensibility.md "Installation"
 */
export async function installPlugin(
  directory: string,
  options: InstallPluginOptions,
): Promise<InstalledPlugin> {
  const found = await findExecutable(options.source);
  const call = options.signal ? { signal: options.signal } : {};
  const metadata = await pluginMetadata(executablePlugin(found, options), new Map(), call);
  const previous = await existingMetadata(directory, { name: found.name, options });
  if (previous !== undefined && options.overwrite !== true) assertNewer(metadata, previous);
  try {
    await replaceFiles(directory, found);
  } catch (cause) {
    throw new NotaryError(
      'NOTARY_PLUGIN_INSTALL_FAILED',
      `the plugin ${found.name} could not be copied to ${directory}: ${reason(cause)}`,
      {
        cause,
        data: { plugin: found.name, path: directory },
        hint: 'verify permissions and free space there',
      },
    );
  }
  return { metadata, ...(previous && { previous }) };
}

interface Found {
  readonly name: string;
  readonly path: string;
  /** All files to copy, the executable among them. */
  readonly files: readonly string[];
}

async function findExecutable(source: string): Promise<Found> {
  const found = await stat(source).catch((cause: unknown) => {
    throw sourceInvalid(`${source} cannot be read: ${reason(cause)}`, { path: source, cause });
  });
  return found.isDirectory() ? findInDirectory(source) : checkSingleFile(source, found);
}

function checkSingleFile(path: string, stats: Stats): Found {
  const fileName = basename(path);
  const name = pluginNameOf(fileName);
  if (name === undefined) {
    throw sourceInvalid(
      `invalid plugin executable file name. Plugin file name requires format notation-{plugin-name}, but got ${fileName}`,
      { path },
    );
  }
  if (!stats.isFile()) throw sourceInvalid(`${path} is not a regular file`, { path });
  if (!isExecutable(stats))
    throw sourceInvalid(`input file ${fileName} is not executable`, { path });
  return { name, path, files: [path] };
}

async function findInDirectory(source: string): Promise<Found> {
  const entries = await readdir(source, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(source, entry.name));
  const candidates = files.filter((path) => pluginNameOf(basename(path)) !== undefined);
  const runnable: string[] = [];
  for (const path of candidates) if (isExecutable(await stat(path))) runnable.push(path);
  if (runnable.length > 1) {
    throw sourceInvalid('found more than one plugin executable files', { path: source });
  }
  const [path] = runnable.length === 0 && candidates.length === 1 ? candidates : runnable;
  if (path === undefined) {
    throw sourceInvalid('no plugin executable file was found', { path: source });
  }
  // one that lost its mode on the way here is taken for what its name says
  if (runnable.length === 0) await chmod(path, (await stat(path)).mode | constants.S_IXUSR);
  return { name: pluginNameOf(basename(path)) ?? '', path, files };
}

function isExecutable(stats: Stats): boolean {
  return process.platform === 'win32' || (stats.isFile() && (stats.mode & constants.S_IXUSR) !== 0);
}

async function existingMetadata(
  directory: string,
  { name, options }: { readonly name: string; readonly options: InstallPluginOptions },
): Promise<PluginMetadata | undefined> {
  try {
    const plugin = await pluginDirectory(directory, options).find(name);
    return await pluginMetadata(plugin, new Map());
  } catch (error) {
    const absent = error instanceof NotaryError && error.code === 'NOTARY_PLUGIN_NOT_FOUND';
    if (absent || options.overwrite === true) return undefined;
    throw error;
  }
}

function assertNewer(metadata: PluginMetadata, previous: PluginMetadata): void {
  const order = compareSemver(metadata.version, previous.version);
  const data = { plugin: metadata.name, version: metadata.version, installed: previous.version };
  if (order === undefined) {
    throw new NotaryError(
      'NOTARY_PLUGIN_VERSION_INVALID',
      `${metadata.version} or ${previous.version} is not a valid semantic version`,
      { data },
    );
  }
  if (order > 0) return;
  const [code, message]: readonly [NotaryErrorCode, string] =
    order === 0
      ? [
          'NOTARY_PLUGIN_SAME_VERSION',
          `plugin ${metadata.name} with version ${previous.version} already exists`,
        ]
      : [
          'NOTARY_PLUGIN_DOWNGRADE',
          `failed to install plugin ${metadata.name}. The installing plugin version ${metadata.version} is lower than the existing plugin version ${previous.version}`,
        ];
  throw new NotaryError(code, message, {
    data,
    hint: 'overwrite it only if that is what you want',
  });
}

async function replaceFiles(directory: string, { name, files }: Found): Promise<void> {
  const target = join(directory, name);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const fresh = await mkdtemp(join(directory, TEMPORARY_PREFIX));
  const old = `${fresh}-old`;
  try {
    await chmod(fresh, 0o755);
    for (const file of files) {
      const copy = join(fresh, basename(file));
      await copyFile(file, copy);
      await chmod(copy, (await stat(file)).mode & 0o755);
    }
    const moved = await rename(target, old).then(
      () => true,
      (cause: unknown) => {
        if (systemCode(cause) === 'ENOENT') return false;
        throw cause;
      },
    );
    await rename(fresh, target).catch(async (cause: unknown) => {
      if (moved) await rename(old, target);
      throw cause;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

function sourceInvalid(
  problem: string,
  { path, cause }: { readonly path: string; readonly cause?: unknown },
): NotaryError {
  return new NotaryError('NOTARY_PLUGIN_SOURCE_INVALID', problem, {
    ...(cause !== undefined && { cause }),
    data: { path },
    hint: `give the executable ${pluginExecutable('<name>')}, or a directory that holds one`,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
