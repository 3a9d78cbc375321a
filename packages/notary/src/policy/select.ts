import { NotaryError } from '../errors.ts';
import {
  assertRepositoryScope,
  coversRepository,
  foldHost,
  formatScope,
  NO_POLICY,
  type Scope,
  specificity,
} from './scopes.ts';
import type { TrustStatement } from './statement.ts';

/** A statement, and the scope by which it decides about a repository. */
export interface Applicable<Statement extends TrustStatement = TrustStatement> {
  readonly statement: Statement;
  readonly scope: Scope;
}

/**
 * The one statement that decides about a repository: that of the most specific scope which covers
 * it. A repository that a statement names comes before namespaces, the longest first, then the
 * registry, then the scope `*`. Names match as a whole, and path segments too.
 *
 * A repository that a scope covers but for how its registry is written ({@link foldHost}) is refused:
 * it is the same registry, and must not come under another statement because of that.
 *
 * @param repository `registry/repository`, without tag or digest
 * @throws NotaryError `NOTARY_SCOPE_INVALID`, `NOTARY_POLICY_NOT_APPLICABLE`
 * @see specifications trust-store-trust-policy.md "Selecting a trust policy based on artifact URI"
 */
export function selectStatement<Statement extends TrustStatement>(
  policy: { readonly statements: readonly Statement[] },
  repository: string,
): Applicable<Statement> {
  assertRepositoryScope(repository);
  const { statements } = policy;
  if (!Array.isArray(statements)) throw new TypeError(NO_POLICY);
  const exact = mostSpecific(statements, (scope) => coversRepository(scope, repository));
  // nothing is more specific than the repository's own name
  if (exact?.scope.kind === 'repository') return exact;
  const folded = foldHost(repository);
  const alike = mostSpecific(statements, (scope) => coversRepository(foldScope(scope), folded));
  if (alike !== undefined && rank(alike) > rank(exact)) {
    throw notApplicable(statements, repository, formatScope(alike.scope));
  }
  if (exact !== undefined) return exact;
  throw notApplicable(statements, repository);
}

function mostSpecific<Statement extends TrustStatement>(
  statements: readonly Statement[],
  covers: (scope: Scope) => boolean,
): Applicable<Statement> | undefined {
  let best: Applicable<Statement> | undefined;
  for (const statement of statements) {
    for (const scope of statement.scopes) {
      if (covers(scope) && specificity(scope) > rank(best)) best = { statement, scope };
    }
  }
  return best;
}

function rank(candidate: Applicable | undefined): number {
  return candidate === undefined ? -1 : specificity(candidate.scope);
}

/** A policy of thousands of scopes is asked about thousands of repositories. */
const FOLDED = new WeakMap<Scope, { readonly of: string; readonly scope: Scope }>();

function foldScope(scope: Scope): Scope {
  if (scope.kind === 'any') return scope;
  const { name } = scope;
  const known = FOLDED.get(scope);
  // a program may have written another name into it
  if (known?.of === name) return known.scope;
  const folded = { ...scope, name: foldHost(name) };
  FOLDED.set(scope, { of: name, scope: folded });
  return folded;
}

function notApplicable(
  candidates: readonly TrustStatement[],
  repository: string,
  lookAlike?: string,
): NotaryError {
  const statements = candidates.map(({ name }) => name);
  const hint =
    lookAlike === undefined
      ? 'add the repository to the scopes (in the format of notation: registryScopes) of the statement that should decide about it'
      : `write the registry as the trust policy does: ${lookAlike}`;
  return new NotaryError(
    'NOTARY_POLICY_NOT_APPLICABLE',
    `no statement of the trust policy covers ${repository}`,
    { data: { scope: repository, statements }, hint },
  );
}
