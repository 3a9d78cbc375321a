import { serverAddressOf } from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { neededCredentialStore } from '../credential-store.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';

/** `logout`: lets the credential helper forget the credential. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const registry = args[0] ?? '';
  if (registry === '') throw usageError('no hostname specified');
  const store = await neededCredentialStore(context);
  await prefixed(`failed to log out from ${registry}`, () =>
    store.erase(serverAddressOf(registry), { signal: io.signal }),
  );
  if (flags.string('output') === 'json') printer.json({ registry, removed: true });
  else printer.line('Logout Succeeded');
}
