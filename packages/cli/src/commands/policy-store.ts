import { saveOciTrustPolicy } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { describeError } from '../report-error.ts';

/** Stores a trust policy, removes the deprecated file, and says what was done. */
export async function storePolicy(
  { environment, printer, flags, program }: CommandContext,
  { bytes, done }: { readonly bytes: Uint8Array; readonly done: (path: string) => string },
): Promise<void> {
  const { path, legacyRemoved, legacyError } = await prefixed(
    'failed to write OCI trust policy configuration',
    () => saveOciTrustPolicy(environment.paths, bytes),
  );
  if (legacyError !== undefined) {
    const reason = await describeError(legacyError, program);
    printer.warn(`failed to delete old trust policy configuration trustpolicy.json: ${reason}`);
  }
  if (flags.string('output') === 'json') {
    printer.json({ path, legacyRemoved });
    return;
  }
  if (legacyRemoved) {
    printer.line('Deleted old trust policy configuration trustpolicy.json.');
  }
  printer.line(done(path));
}
