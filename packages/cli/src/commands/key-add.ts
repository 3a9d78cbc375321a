import { resolve } from 'node:path';
import {
  addSigningKey,
  loadKeyPair,
  NO_SIGNING_KEYS,
  pluginDirectory,
  type SigningKey,
  updateSigningKeys,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { passphraseFor } from '../given-key.ts';
import { keyValues } from '../key-values.ts';
import { pluginAccess } from '../plugin-access.ts';
import { markedAsDefault, reportKeys } from './key-report.ts';

/**
 * `key add`: a key of an installed plugin; or one in files, where it is checked that key and chain
 * fit together, listed by their absolute paths. The passphrase of an encrypted one is not kept.
 */
export async function run(context: CommandContext): Promise<void> {
  const { args, flags, environment } = context;
  const name = args[0] ?? '';
  const key = await (flags.isSet('plugin') ? pluginKey(context, name) : localKey(context, name));
  const markDefault = flags.isOn('default');
  await updateSigningKeys(environment.paths, (keys) => addSigningKey(keys, key, { markDefault }));
  reportKeys(context, {
    text: markDefault ? markedAsDefault(name) : name,
    json: { ...toJson(key), default: markDefault },
  });
}

async function pluginKey(context: CommandContext, name: string): Promise<SigningKey> {
  const { flags } = context;
  const pluginName = flags.string('plugin');
  const pluginConfig = keyValues(context, 'plugin-config');
  const key = { kind: 'plugin', name, id: flags.string('id'), pluginName, pluginConfig } as const;
  // what is missing is said before the plugin is looked for
  addSigningKey(NO_SIGNING_KEYS, key);
  await pluginDirectory(pluginAccess(context).directory).find(pluginName);
  return key;
}

async function localKey(context: CommandContext, name: string): Promise<SigningKey> {
  const { io, flags } = context;
  if (flags.string('key-file') === '') {
    throw usageError('required flag(s) "cert-file", "key-file" not set');
  }
  const keyPath = resolve(io.cwd, flags.string('key-file'));
  const certPath = resolve(io.cwd, flags.string('cert-file'));
  await loadKeyPair({ keyPath, certPath }, { passphrase: passphraseFor(context) });
  return { kind: 'local', name, keyPath, certPath };
}

function toJson(key: SigningKey): Readonly<Record<string, unknown>> {
  const { name } = key;
  if (key.kind === 'local') return { name, keyPath: key.keyPath, certPath: key.certPath };
  const { id, pluginName, pluginConfig } = key;
  return { name, id, pluginName, pluginConfig: Object.fromEntries(pluginConfig) };
}
