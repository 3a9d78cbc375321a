import { NotaryError, parseBlobTrustPolicy, readBlobTrustPolicyFile } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { CommandFailure } from '../failure.ts';
import { inPolicyFile } from '../trust/policy-mistake.ts';

const SPECIFICATION =
  'https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#trust-policy-for-blobs';

/** `blob policy show`: the bytes of the file as they are, also where they are not a valid policy. */
export async function run({ printer, environment, program }: CommandContext): Promise<void> {
  const { bytes, path } = await readBlobTrustPolicyFile(environment.paths).catch(
    (error: unknown) => {
      throw error instanceof NotaryError ? cannotShow(error, program) : error;
    },
  );
  try {
    parseBlobTrustPolicy(bytes);
  } catch (error) {
    printer.error(
      `existing blob trust policy configuration is invalid, you may update or create a new one via \`${program} blob policy import <path-to-policy.json>\`. See ${SPECIFICATION} for a blob trust policy example.`,
    );
    printer.bytes(bytes);
    throw inPolicyFile(error, { name: path, configured: path }, program);
  }
  printer.bytes(bytes);
}

function cannotShow(cause: NotaryError, program: string): CliError | CommandFailure {
  if (cause.code !== 'NOTARY_POLICY_NOT_FOUND') {
    return new CommandFailure({ prefix: 'failed to show trust policy' }, { cause });
  }
  return new CliError(
    'CLI_FILE_MISSING',
    `failed to show blob trust policy as the configuration does not exist.\nYou can import one using \`${program} blob policy import <path-to-policy.json>\``,
    { cause },
  );
}
