import { resolve } from 'node:path';
import { MAX_POLICY_BYTES, NotaryError, parseBlobTrustPolicy, readRegularFile } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CommandFailure, prefixed } from '../failure.ts';
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
  assertBlobPolicy(bytes);
  await storeBlobPolicy(context, {
    bytes,
    done: (path) => `Successfully imported blob trust policy configuration to ${path}.`,
  });
}

function assertBlobPolicy(bytes: Uint8Array): void {
  try {
    parseBlobTrustPolicy(bytes);
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    const verb = error.code === 'NOTARY_POLICY_MALFORMED' ? 'parse' : 'validate';
    const prefix = `failed to ${verb} blob trust policy configuration`;
    throw new CommandFailure({ prefix }, { cause: error });
  }
}
