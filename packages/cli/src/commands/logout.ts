import { serverAddressOf } from '@nv2/oci';
import type { CommandContext } from '../context.ts';
import { credentialStore } from '../credential-store.ts';
import { usageError } from '../errors.ts';
import { prefixed } from '../failure.ts';

/** `logout`: lets the credential helper forget the credential. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer } = context;
  const registry = args[0] ?? '';
  if (registry === '') throw usageError('no hostname specified');
  await prefixed(`failed to log out from ${registry}`, async () => {
    const store = await credentialStore(context);
    await store.erase(serverAddressOf(registry), { signal: io.signal });
  });
  if (flags.string('output') === 'json') printer.json({ registry, removed: true });
  else printer.line('Logout Succeeded');
}
