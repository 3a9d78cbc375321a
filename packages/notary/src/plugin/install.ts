import { NotaryError, type NotaryErrorCode } from '../errors.ts';
import type { PluginMetadata } from './contract.ts';
import { pluginDirectory } from './directory.ts';
import { pluginMetadata } from './metadata.ts';
import { executablePlugin, type PluginOptions } from './plugin.ts';
import { compareSemver } from './semver.ts';
import { gatherPlugin } from './source.ts';
import { type Stage, withStage } from './store.ts';

/** What {@link installPlugin} installs, and how. */
export interface InstallPluginOptions extends PluginOptions {
  /**
   * The executable `notation-<name>`; a zip or tar.gz archive that holds it and the files it needs,
   * told by its first bytes; or a directory that does.
   */
  readonly source: string;
  /** SHA-256 that a source which is a file must have, in hexadecimal digits. */
  readonly sha256?: string;
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
 * with the rights of the caller: install only what you trust. Its files are gathered beside the old
 * ones and take their place at once; when anything fails, or the process ends, the old ones stay.
 *
 * @throws NotaryError `NOTARY_PLUGIN_SOURCE_INVALID`, `NOTARY_PLUGIN_ARCHIVE_INVALID`,
 *   `NOTARY_PLUGIN_TOO_LARGE`, `NOTARY_PLUGIN_CHECKSUM_MISMATCH`, `NOTARY_PLUGIN_DOWNGRADE`,
 *   `NOTARY_PLUGIN_SAME_VERSION`, `NOTARY_PLUGIN_INSTALL_FAILED`, those of {@link pluginMetadata}
 * @see specifications plugin-extensibility.md "Installation"
 */
export async function installPlugin(
  directory: string,
  options: InstallPluginOptions,
): Promise<InstalledPlugin> {
  const { source: path, sha256, signal } = options;
  const call = signal ? { signal } : {};
  const install = async (stage: Stage): Promise<InstalledPlugin> => {
    const found = await gatherPlugin({ path, ...(sha256 !== undefined && { sha256 }) }, stage);
    signal?.throwIfAborted();
    const metadata = await pluginMetadata(executablePlugin(found, options), new Map(), call);
    const previous = await existingMetadata(directory, { name: found.name, options });
    if (previous !== undefined && options.overwrite !== true) assertNewer(metadata, previous);
    await stage.replace(found.name);
    return { metadata, ...(previous && { previous }) };
  };
  return await withStage(directory, install, call);
}

async function existingMetadata(
  directory: string,
  { name, options }: { readonly name: string; readonly options: InstallPluginOptions },
): Promise<PluginMetadata | undefined> {
  const call = options.signal ? { signal: options.signal } : {};
  try {
    const plugin = await pluginDirectory(directory, options).find(name);
    return await pluginMetadata(plugin, new Map(), call);
  } catch (error) {
    options.signal?.throwIfAborted();
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
