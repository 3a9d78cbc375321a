import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@nv2/oci';
import { NotaryError } from '../errors.ts';
import { systemCode } from '../files/read-file.ts';
import { isPluginName, pluginExecutable, TEMPORARY_PREFIX } from './names.ts';
import { executablePlugin, type Plugin, type PluginOptions } from './plugin.ts';
import { restorePlugins, takeOut } from './store.ts';

/** Where plugins are found by name. */
export interface PluginFinder {
  /** @throws NotaryError `NOTARY_PLUGIN_NAME_INVALID`, `NOTARY_PLUGIN_NOT_FOUND`, `NOTARY_PLUGIN_NOT_REGULAR` */
  find(name: string): Promise<Plugin>;
}

/**
 * The plugins in a directory: `<directory>/<name>/notation-<name>`.
 *
 * @throws TypeError if its name is empty: plugins of the current directory are not run for want of one
 */
export function pluginDirectory(directory: string, options: PluginOptions = {}): PluginFinder {
  if (directory === '') throw new TypeError('expected the directory of plugins, got no name');
  return {
    find: async (name) => {
      const path = join(directory, assertPluginName(name), pluginExecutable(name));
      const look = () => stat(path);
      const found = await look()
        .catch(() => restorePlugins(directory).then(look))
        .catch((cause: unknown) => {
          throw notFound(name, path, cause);
        });
      if (!found.isFile()) {
        throw new NotaryError(
          'NOTARY_PLUGIN_NOT_REGULAR',
          `the plugin ${name} at ${path} is not a regular file`,
          { data: { plugin: name, path } },
        );
      }
      return executablePlugin({ name, path }, options);
    },
  };
}

/**
 * The names of the directories that hold plugins, in order; symbolic links are not followed. None if
 * the directory does not exist.
 *
 * @throws NotaryError `NOTARY_PLUGIN_DIRECTORY_UNREADABLE`
 */
export async function listPlugins(directory: string): Promise<readonly string[]> {
  await restorePlugins(directory);
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(TEMPORARY_PREFIX))
      .map(({ name }) => name)
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw new NotaryError(
      'NOTARY_PLUGIN_DIRECTORY_UNREADABLE',
      `the plugins in ${directory} could not be listed`,
      { cause, data: { path: directory }, hint: `verify the permissions of ${directory}` },
    );
  }
}

/**
 * Removes a plugin with all its files, at once.
 *
 * @param options its signal ends the wait for another process
 * @throws NotaryError `NOTARY_PLUGIN_NAME_INVALID`, `NOTARY_PLUGIN_NOT_FOUND`,
 *   `NOTARY_PLUGIN_DIRECTORY_UNREADABLE`
 */
export async function uninstallPlugin(
  directory: string,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  const path = join(directory, assertPluginName(name));
  await stat(path).catch((cause: unknown) => {
    throw notFound(name, path, cause);
  });
  try {
    await takeOut(directory, name, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new NotaryError(
      'NOTARY_PLUGIN_DIRECTORY_UNREADABLE',
      `the plugin ${name} in ${path} could not be removed`,
      { cause, data: { plugin: name, path }, hint: `verify the permissions of ${path}` },
    );
  }
}

function assertPluginName(name: string): string {
  if (isPluginName(name)) return name;
  throw new NotaryError('NOTARY_PLUGIN_NAME_INVALID', `${JSON.stringify(name)} is no plugin name`, {
    data: { plugin: name },
    hint: 'give a name as `nv2 plugin list` shows it',
  });
}

function notFound(name: string, path: string, cause: unknown): NotaryError {
  const missing = systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR';
  return new NotaryError(
    'NOTARY_PLUGIN_NOT_FOUND',
    missing
      ? `there is no plugin ${name}: ${path} does not exist`
      : `the plugin ${name} at ${path} is not accessible`,
    {
      cause,
      data: { plugin: name, path, missing },
      hint: 'see `nv2 plugin list` for what there is; `nv2 plugin install` adds one',
    },
  );
}
