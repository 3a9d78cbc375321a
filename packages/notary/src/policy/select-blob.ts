import { quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import type { BlobTrustPolicy, BlobTrustStatement } from './blob-policy.ts';

/**
 * The one statement that decides about a blob: the one of that name, or the global one where none
 * is named. There is no falling back from a name to the global statement.
 *
 * @throws NotaryError `NOTARY_POLICY_STATEMENT_NOT_FOUND`; `NOTARY_POLICY_NOT_APPLICABLE` where no
 *   statement is named and none is global
 * @see specifications trust-store-trust-policy.md "Selecting a trust policy for blobs"
 */
export function selectBlobStatement(policy: BlobTrustPolicy, name?: string): BlobTrustStatement {
  const found = policy.statements.find((statement) =>
    name === undefined ? statement.globalPolicy : statement.name === name,
  );
  if (found !== undefined) return found;
  const statements = policy.statements.map((statement) => statement.name);
  throw new NotaryError(
    name === undefined ? 'NOTARY_POLICY_NOT_APPLICABLE' : 'NOTARY_POLICY_STATEMENT_NOT_FOUND',
    name === undefined
      ? 'no statement of the blob trust policy is global, and none was asked for by name'
      : `the blob trust policy has no statement ${quoted(name)}`,
    {
      data: { policy: 'blob', statements, ...(name !== undefined && { name }) },
      hint: `ask for one of its statements by name: ${statements.map((one) => quoted(one)).join(', ')}`,
    },
  );
}
