import {
  MAX_POLICY_BYTES,
  NotaryError,
  parseOciTrustPolicy,
  readOciTrustPolicyFile,
  readRegularFile,
} from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { prefixed } from '../failure.ts';
import { inPolicyFile } from '../trust/policy-mistake.ts';
import { ownPolicyFile } from '../trust/trust.ts';

const LEGACY_WARNING =
  'old trust policy `trustpolicy.json` is deprecated; please update the trust policy configuration via `notation policy import`.';
const SPECIFICATION =
  'https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#trust-policy-for-oci-artifacts';

/**
 * `policy show`: the bytes of the file as they are, also where they are not a valid policy. Under the
 * name nv2, of its own format where there is one.
 */
export async function run(context: CommandContext): Promise<void> {
  const { printer, environment, program } = context;
  const own = program === 'nv2' ? await ownPolicyFile(context) : undefined;
  if (own !== undefined) return showOwn(printer, own);
  const file = await prefixed('failed to show OCI trust policy', () =>
    readOciTrustPolicyFile(environment.paths),
  ).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof NotaryError) || cause.code !== 'NOTARY_POLICY_NOT_FOUND') throw error;
    throw new CliError(
      'CLI_FILE_MISSING',
      `failed to show OCI trust policy as the configuration does not exist.\nYou can import one using \`${program} policy import <path-to-policy.json>\``,
      { cause },
    );
  });
  if (file.warnings.length > 0) printer.warn(LEGACY_WARNING);
  try {
    parseOciTrustPolicy(file.bytes);
  } catch (error) {
    printer.error(
      `Existing OCI trust policy configuration is invalid, you may update or create a new one via \`${program} policy import <path-to-policy.json>\`. See ${SPECIFICATION} for a trust policy example.`,
    );
    printer.bytes(file.bytes);
    throw inPolicyFile(error, { name: file.path, configured: file.path }, program);
  }
  printer.bytes(file.bytes);
}

async function showOwn(printer: CommandContext['printer'], path: string): Promise<void> {
  const bytes = await readRegularFile(path, {
    subject: 'trust policy',
    maxBytes: MAX_POLICY_BYTES,
    followLinks: true,
  });
  printer.bytes(bytes);
  const { readPolicy } = await import('../trust/policy-file.ts');
  await readPolicy(bytes, path);
}
