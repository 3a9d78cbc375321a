import { loadBlobTrustPolicy, NotaryError, saveBlobTrustPolicy } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { confirm } from '../prompt.ts';

/** Stores a valid blob trust policy in place of the one there is, if its user agrees. */
export async function storeBlobPolicy(
  context: CommandContext,
  { bytes, done }: { readonly bytes: Uint8Array; readonly done: (path: string) => string },
): Promise<void> {
  const { environment, printer, flags } = context;
  if (!(await mayOverwrite(context))) return;
  const { path } = await prefixed('failed to write blob trust policy configuration', () =>
    saveBlobTrustPolicy(environment.paths, bytes),
  );
  if (flags.string('output') === 'json') printer.json({ path });
  else printer.line(done(path));
}

async function mayOverwrite(context: CommandContext): Promise<boolean> {
  const { environment, flags, printer } = context;
  if (!(await hasBlobPolicy(environment.paths))) return true;
  if (flags.isOn('force')) {
    printer.warn('existing blob trust policy configuration will be overwritten');
    return true;
  }
  const question =
    'The blob trust policy configuration already exists, do you want to overwrite it?';
  return confirm(question, { ...context, confirmed: false });
}

// One that parses and breaks a rule is still somebody's work.
async function hasBlobPolicy(paths: CommandContext['environment']['paths']): Promise<boolean> {
  try {
    await loadBlobTrustPolicy(paths);
    return true;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    return error.code === 'NOTARY_POLICY_INVALID';
  }
}
