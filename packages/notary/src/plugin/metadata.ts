import { quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import {
  CONTRACT_VERSION,
  CORRECT_IT,
  type PluginConfig,
  type PluginMetadata,
} from './contract.ts';
import type { Plugin } from './plugin.ts';

/**
 * What a plugin says of itself, once it is known to be fit for use.
 *
 * @throws NotaryError those of {@link Plugin.call}; `NOTARY_PLUGIN_METADATA_INVALID`,
 *   `NOTARY_PLUGIN_NAME_MISMATCH`
 * @see specifications plugin-extensibility.md "Plugin metadata"
 */
export async function pluginMetadata(
  plugin: Plugin,
  pluginConfig: PluginConfig,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PluginMetadata> {
  const metadata = await plugin.call('get-plugin-metadata', { pluginConfig }, options);
  const problem = metadataProblem(metadata);
  if (problem !== undefined) {
    throw new NotaryError(
      'NOTARY_PLUGIN_METADATA_INVALID',
      `metadata validation failed for plugin ${plugin.name}: ${problem}`,
      { data: { plugin: plugin.name, problem }, hint: CORRECT_IT },
    );
  }
  if (metadata.name !== plugin.name) {
    throw new NotaryError(
      'NOTARY_PLUGIN_NAME_MISMATCH',
      `the plugin ${plugin.name} calls itself ${quoted(metadata.name)}`,
      {
        data: { expected: `notation-${metadata.name}`, got: `notation-${plugin.name}` },
        hint: `name its executable notation-${metadata.name}`,
      },
    );
  }
  return metadata;
}

function metadataProblem(metadata: PluginMetadata): string | undefined {
  for (const field of ['name', 'description', 'version', 'url'] as const) {
    if (metadata[field] === '') return `empty ${field}`;
  }
  if (metadata.capabilities.length === 0) return 'empty capabilities';
  const versions = metadata.supportedContractVersions;
  if (versions.length === 0) return 'supported contract versions not specified';
  if (versions.includes(CONTRACT_VERSION)) return undefined;
  return `contract version "${CONTRACT_VERSION}" is not in the list of the plugin supported versions [${versions.join(' ')}]`;
}
