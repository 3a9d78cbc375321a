import { encodeUtf8 } from '@nv2/core';
import { parseBlobTrustPolicy } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { prefixed } from '../failure.ts';
import { formatJson } from '../text/go-json.ts';
import { FLAGS_HINT } from '../trust/policy-mistake.ts';
import { storeBlobPolicy } from './blob-policy-store.ts';

/** `blob policy init`: a blob policy with one strict statement, from the flags. */
export async function run(context: CommandContext): Promise<void> {
  const { flags } = context;
  const statement = {
    name: flags.string('name'),
    signatureVerification: { level: 'strict' },
    trustStores: flags.strings('trust-store'),
    trustedIdentities: flags.strings('trusted-identity'),
    ...(flags.isOn('global') && { globalPolicy: true }),
  };
  // the reference writes no line feed at the end
  const text = formatJson({ version: '1.0', trustPolicies: [statement] }).trimEnd();
  const bytes = encodeUtf8(text);
  await prefixed('invalid blob policy', async () => parseBlobTrustPolicy(bytes), {
    hint: FLAGS_HINT,
  });
  await storeBlobPolicy(context, {
    bytes,
    done: (path) => `Successfully initialized blob trust policy file to ${path}.`,
  });
}
