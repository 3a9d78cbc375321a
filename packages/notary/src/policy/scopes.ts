import { NotaryError } from '../errors.ts';
import { brokenRule } from './rules.ts';

/** The scope that covers every repository. */
export const WILDCARD = '*';

// Written so that every character decides between continuing and ending: linear on any input.
const DOMAIN =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$/;
const REPOSITORY =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/** Whether text is `registry/repository` as a policy may name it: no scheme, no tag, no wildcard. */
export function isRepositoryScope(text: string): boolean {
  const slash = text.indexOf('/');
  return slash > 0 && DOMAIN.test(text.slice(0, slash)) && REPOSITORY.test(text.slice(slash + 1));
}

/** @throws NotaryError `NOTARY_POLICY_INVALID` if a scope of a policy is malformed */
export function assertScope(scope: string): void {
  if (scope === WILDCARD) return;
  if (scope.includes('*')) throw brokenRule('scope-wildcard-within', { scope });
  if (!isRepositoryScope(scope)) throw brokenRule('scope-invalid', { scope });
}

/** @throws NotaryError `NOTARY_SCOPE_INVALID` if no policy can be selected for that repository */
export function assertRepository(repository: string): void {
  if (isRepositoryScope(repository)) return;
  throw new NotaryError(
    'NOTARY_SCOPE_INVALID',
    `expected a fully qualified repository, got ${JSON.stringify(repository)}`,
    {
      data: { scope: repository },
      hint: 'name the repository as registry/repository, without scheme or tag',
    },
  );
}

/** The scope with its host in lower case: host names do not differ by case (RFC 4343), paths do. */
export function foldHost(scope: string): string {
  const slash = scope.indexOf('/');
  return scope.slice(0, slash).toLowerCase() + scope.slice(slash);
}
