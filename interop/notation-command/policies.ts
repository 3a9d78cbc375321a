// Trust policies for both homes.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ScriptCommand } from '@nv2/testkit';

/** The file that both programs read; ours reads v2's own before it. */
const POLICY_FILE = '.config/notation/trustpolicy.json';

const STATEMENT = {
  name: 'all',
  registryScopes: ['*'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:signer'],
  trustedIdentities: ['*'],
};

/** `policy FIELDS…`: a statement of each, in JSON, over one that trusts `ca:signer` for everything. */
export function policyCommand(homes: readonly string[]): ScriptCommand {
  return async ({ args }) => {
    const trustPolicies = args.map((fields) => ({ ...STATEMENT, ...JSON.parse(fields) }));
    const text = JSON.stringify({ version: '1.0', trustPolicies }, undefined, 2);
    for (const path of homes.map((home) => join(home, POLICY_FILE))) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}
