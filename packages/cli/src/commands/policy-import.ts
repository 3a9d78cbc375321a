import { resolve } from 'node:path';
import {
  loadOciTrustPolicy,
  MAX_POLICY_BYTES,
  NotaryError,
  parseOciTrustPolicy,
  readRegularFile,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { confirm } from '../prompt.ts';
import { isForNotation } from '../trust/policy-file.ts';
import { assertImportable } from '../trust/policy-mistake.ts';
import { storePolicy } from './policy-store.ts';

/**
 * `policy import`: the file's bytes unchanged, once they are a valid policy. Under the name nv2 one of
 * its own format is kept beside that of notation, and comes before it.
 */
export async function run(context: CommandContext): Promise<void> {
  const { io, args, flags, printer, environment } = context;
  const [path = ''] = args;
  const bytes = await prefixed(
    'failed to read OCI trust policy configuration',
    () =>
      readRegularFile(resolve(io.cwd, path), {
        subject: 'trust policy',
        maxBytes: MAX_POLICY_BYTES,
        followLinks: true,
      }),
    { given: path },
  );
  if (context.program === 'nv2' && !isForNotation(bytes)) {
    const { importOwnPolicy } = await import('../trust/import-own-policy.ts');
    return importOwnPolicy(context, bytes, path);
  }
  assertImportable(context, 'OCI', () => parseOciTrustPolicy(bytes));
  if (flags.isOn('force')) {
    printer.warn('existing OCI trust policy configuration will be overwritten');
  } else if (await hasPolicy(environment.paths)) {
    const question =
      'The OCI trust policy configuration already exists, do you want to overwrite it?';
    if (!(await confirm(question, { ...context, confirmed: false }))) return;
  }
  await storePolicy(context, {
    bytes,
    done: (path) => `Successfully imported OCI trust policy configuration to ${path}.`,
  });
}

/** Whether there is a policy that somebody could miss: one that parses. */
export async function hasPolicy(paths: CommandContext['environment']['paths']): Promise<boolean> {
  try {
    await loadOciTrustPolicy(paths);
    return true;
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    // one that parses and breaks a rule is still somebody's work
    return error.code === 'NOTARY_POLICY_INVALID';
  }
}
