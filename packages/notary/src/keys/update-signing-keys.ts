import type { CallOptions } from '@nv2/oci';
import { withFileLock } from '../files/lock-file.ts';
import { type NotationPaths, notationFiles } from '../files/paths.ts';
import type { SigningKeys } from './signing-keys.ts';
import { loadSigningKeys, saveSigningKeys } from './signing-keys-file.ts';

/**
 * Changes `signingkeys.json`: reads it, and replaces it by what `change` makes of it, while no other
 * process of nv2 does. What `change` throws leaves the file as it is.
 *
 * @returns the signing keys before the change
 * @param options its signal ends the wait for the other process
 * @throws NotaryError `NOTARY_FILE_BUSY`, `NOTARY_KEYS_MALFORMED`, `NOTARY_FILE_*`
 */
export async function updateSigningKeys(
  paths: NotationPaths,
  change: (before: SigningKeys) => SigningKeys,
  options: CallOptions = {},
): Promise<SigningKeys> {
  const { signingKeys } = notationFiles(paths);
  const work = async (): Promise<SigningKeys> => {
    const before = await loadSigningKeys(paths);
    await saveSigningKeys(paths, change(before));
    return before;
  };
  return withFileLock(signingKeys, 'signingkeys.json', work, options);
}
