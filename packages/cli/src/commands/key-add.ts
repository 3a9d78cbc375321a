import { resolve } from 'node:path';
import { addSigningKey, loadKeyPair, updateSigningKeys } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { markedAsDefault, reportKeys } from './key-report.ts';

/** `key add`: checks that key and chain fit together, and lists them by their absolute paths. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, environment } = context;
  const name = args[0] ?? '';
  if (flags.string('key-file') === '') {
    throw usageError('required flag(s) "cert-file", "key-file" not set');
  }
  const keyPath = resolve(io.cwd, flags.string('key-file'));
  const certPath = resolve(io.cwd, flags.string('cert-file'));
  await loadKeyPair({ keyPath, certPath });
  const markDefault = flags.isOn('default');
  const key = { kind: 'local', name, keyPath, certPath } as const;
  await updateSigningKeys(environment.paths, (keys) => addSigningKey(keys, key, { markDefault }));
  reportKeys(context, {
    text: markDefault ? markedAsDefault(name) : name,
    json: { name, keyPath, certPath, default: markDefault },
  });
}
