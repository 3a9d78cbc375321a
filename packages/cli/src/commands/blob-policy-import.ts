import { resolve } from 'node:path';
import { MAX_POLICY_BYTES, parseBlobTrustPolicy, readRegularFile } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { assertImportable } from '../trust/policy-mistake.ts';
import { storeBlobPolicy } from './blob-policy-store.ts';

/** `blob policy import`: the file's bytes unchanged, once they are a valid blob policy. */
export async function run(context: CommandContext): Promise<void> {
  const { io, args } = context;
  const [path = ''] = args;
  const bytes = await prefixed(
    'failed to read blob trust policy file',
    () =>
      readRegularFile(resolve(io.cwd, path), {
        subject: 'trust policy',
        maxBytes: MAX_POLICY_BYTES,
        followLinks: true,
      }),
    { given: path },
  );
  assertImportable(context, 'blob', () => parseBlobTrustPolicy(bytes));
  await storeBlobPolicy(context, {
    bytes,
    done: (path) => `Successfully imported blob trust policy configuration to ${path}.`,
  });
}
