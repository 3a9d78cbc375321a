import { NotaryError } from '../errors.ts';
import type { OciTrustPolicy, TrustStatement } from './oci-policy.ts';
import { assertRepository, foldHost, WILDCARD } from './scopes.ts';

/**
 * The one statement that decides about a repository: the statement that names it, else the one with
 * the scope `*`. A scope matches as a whole, never as a prefix.
 *
 * A repository that a statement names but for the case of its host is refused: it is the same
 * registry, and must not come under another statement because of how its name is written.
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
  const lookAlike = statements
    .flatMap((s) => s.registryScopes)
    .find((scope) => foldHost(scope) === folded);
  if (lookAlike !== undefined) throw notApplicable(policy, repository, lookAlike);
  // 2. global
  const global = statements.find((s) => s.registryScopes.includes(WILDCARD));
  if (global !== undefined) return global;
  throw notApplicable(policy, repository);
}

function notApplicable(
  policy: OciTrustPolicy,
  repository: string,
  lookAlike?: string,
): NotaryError {
  const statements = policy.statements.map(({ name }) => name);
  const hint =
    lookAlike === undefined
      ? 'add the repository to the registryScopes of the statement that should decide about it'
      : `write the registry as the trust policy does: ${lookAlike}`;
  return new NotaryError(
    'NOTARY_POLICY_NOT_APPLICABLE',
    `no statement of the trust policy names ${repository} in registryScopes`,
    { data: { scope: repository, statements }, hint },
  );
}
