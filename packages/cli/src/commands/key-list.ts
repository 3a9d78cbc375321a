import type { SigningKey } from '@nv2/notary';
// a list of names needs nothing of what signs and verifies
import { loadSigningKeys } from '@nv2/notary/signing-keys';
import type { CommandContext } from '../context.ts';
import { formatColumns } from '../text/columns.ts';
import { printable } from '../text/printable.ts';

const HEADER = ['NAME', 'KEY PATH', 'CERTIFICATE PATH', 'ID', 'PLUGIN NAME'];

/** `key list` */
export async function run({ flags, printer, environment }: CommandContext): Promise<void> {
  const { default: defaultName, keys } = await loadSigningKeys(environment.paths);
  if (flags.string('output') === 'json') {
    printer.json({ default: defaultName ?? null, keys: keys.map(toJson) });
    return;
  }
  const rows = keys.map((key) => {
    const name = key.name === defaultName ? `* ${key.name}` : key.name;
    const cells =
      key.kind === 'local'
        ? [name, key.keyPath, key.certPath, '', '']
        : [name, '', '', key.id, key.pluginName];
    return cells.map(printable);
  });
  printer.text(formatColumns([HEADER, ...rows]));
}

function toJson(key: SigningKey): Readonly<Record<string, unknown>> {
  if (key.kind === 'local') {
    return { name: key.name, keyPath: key.keyPath, certPath: key.certPath };
  }
  return { name: key.name, id: key.id, pluginName: key.pluginName };
}
