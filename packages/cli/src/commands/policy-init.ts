import { encodeUtf8 } from '@nv2/core';
import { NotaryError, parseOciTrustPolicy } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import { confirm } from '../prompt.ts';
import { FLAGS_HINT } from '../trust/policy-mistake.ts';
import { hasPolicy } from './policy-import.ts';
import { storePolicy } from './policy-store.ts';

/** `policy init`: a policy with one strict statement, from the flags. */
export async function run(context: CommandContext): Promise<void> {
  const { flags, environment } = context;
  const scopes = flags.strings('scope');
  const bytes = encodePolicy({
    name: flags.string('name'),
    signatureVerification: { level: 'strict' },
    trustStores: flags.strings('trust-store'),
    trustedIdentities: flags.strings('trusted-identity'),
    registryScopes: scopes.length === 0 ? ['*'] : scopes,
  });
  assertPolicy(bytes);
  if (!flags.isOn('force') && (await hasPolicy(environment.paths))) {
    const question =
      'The OCI trust policy configuration already exists, do you want to overwrite it?';
    if (!(await confirm(question, { ...context, confirmed: false }))) return;
  }
  await storePolicy(context, {
    bytes,
    done: (path) => `Successfully initialized OCI trust policy file to ${path}.`,
  });
}

function encodePolicy(statement: Readonly<Record<string, unknown>>): Uint8Array {
  return encodeUtf8(JSON.stringify({ version: '1.0', trustPolicies: [statement] }, undefined, 2));
}

function assertPolicy(bytes: Uint8Array): void {
  try {
    parseOciTrustPolicy(bytes);
  } catch (error) {
    if (!(error instanceof NotaryError)) throw error;
    throw new CommandFailure({ prefix: 'invalid oci policy', hint: FLAGS_HINT }, { cause: error });
  }
}
