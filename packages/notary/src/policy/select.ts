import { NotaryError } from '../errors.ts';
import type { OciTrustPolicy, TrustStatement } from './oci-policy.ts';
import { assertRepository, foldHost, WILDCARD } from './scopes.ts';

/**
 * The one statement that decides about a repository: the statement that names it, else the one with
 * the scope `*`. A scope matches as a whole, never as a prefix. Where no scope is equal, one that
 * differs only in the case of the host is taken before `*`, because it is the same registry.
 *
 * @param repository `registry/repository`, without tag or digest
 * @throws NotaryError `NOTARY_SCOPE_INVALID`, `NOTARY_POLICY_NOT_APPLICABLE`
 * @see specifications trust-store-trust-policy.md "Selecting a trust policy based on artifact URI"
 */
export function selectStatement(policy: OciTrustPolicy, repository: string): TrustStatement {
  assertRepository(repository);
  const { statements } = policy;
  // 1. exact match
  const exact = statements.find((s) => s.registryScopes.includes(repository));
  if (exact !== undefined) return exact;
  const folded = foldHost(repository);
  const sameHost = statements.find((s) => s.registryScopes.some((x) => foldHost(x) === folded));
  if (sameHost !== undefined) return sameHost;
  // 2. global
  const global = statements.find((s) => s.registryScopes.includes(WILDCARD));
  if (global !== undefined) return global;
  throw new NotaryError(
    'NOTARY_POLICY_NOT_APPLICABLE',
    `no statement of the trust policy names ${repository} in registryScopes`,
    {
      data: { scope: repository, statements: statements.map((s) => s.name) },
      hint: 'add the repository to the registryScopes of the statement that should decide about it',
    },
  );
}
