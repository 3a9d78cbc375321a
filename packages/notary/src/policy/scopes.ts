import { quoted } from '@nv2/core';
import { DOCKER_HUB_HOSTS } from '@nv2/oci/docker-hub';
import { NotaryError } from '../errors.ts';
import type { ValuePath } from '../value-path.ts';
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

/** What a scope names. */
export interface ScopeName {
  readonly name: string;
  /** The name of the same kind of which this one is a mirror. */
  readonly mirrorOf?: string;
}

/** Which repositories a statement is about. */
export type Scope =
  | { readonly kind: 'any' }
  /** One repository, as `registry/repository`. */
  | ({ readonly kind: 'repository' } & ScopeName)
  /** The repositories below `registry/path`, however deep. */
  | ({ readonly kind: 'namespace' } & ScopeName)
  /** The repositories of `host` or `host:port`. */
  | ({ readonly kind: 'registry' } & ScopeName);

/** How specific a scope is: of two that cover a repository, the one with the larger number decides. */
export function specificity(scope: Scope): number {
  switch (scope.kind) {
    case 'any':
      return 0;
    case 'registry':
      return 1;
    case 'namespace':
      return 1 + scope.name.split('/').length;
    case 'repository':
      return Number.POSITIVE_INFINITY;
  }
}

/** What is told of a document that was given as it was parsed, in place of a policy. */
export const NO_POLICY =
  'expected a policy as parseOciTrustPolicy and compileOwnPolicy give it, got something else';

/** Whether a scope covers a repository: whole names and whole path segments, in this case. */
export function coversRepository(scope: Scope, repository: string): boolean {
  switch (scope.kind) {
    case 'any':
      return true;
    case 'repository':
      return scope.name === repository;
    case 'namespace':
    case 'registry':
      return repository[scope.name.length] === '/' && repository.startsWith(scope.name);
    default:
      throw new TypeError(NO_POLICY);
  }
}

/** The scope as text: `*`, `registry/repository`, `registry/path/*` or `registry/*`. */
export function formatScope(scope: Scope): string {
  if (scope.kind === 'any') return WILDCARD;
  return scope.kind === 'repository' ? scope.name : `${scope.name}/*`;
}

/** A scope of notation's format, once it is known to be valid. */
export function notationScope(text: string): Scope {
  return text === WILDCARD ? { kind: 'any' } : { kind: 'repository', name: text };
}

/** Whether text is `host` or `host:port`. */
export function isRegistryScope(text: string): boolean {
  return DOMAIN.test(text);
}

/** @throws NotaryError `NOTARY_POLICY_INVALID` if a scope of a policy is malformed */
export function assertScope(scope: string, path: ValuePath): void {
  if (scope === WILDCARD) return;
  if (scope.includes('*')) throw brokenRule('scope-wildcard-within', { scope }, { path });
  if (!isRepositoryScope(scope)) throw brokenRule('scope-invalid', { scope }, { path });
}

/** @throws NotaryError `NOTARY_SCOPE_INVALID` if no policy can be selected for that repository */
export function assertRepositoryScope(repository: string): void {
  if (isRepositoryScope(repository)) return;
  throw new NotaryError(
    'NOTARY_SCOPE_INVALID',
    `expected a fully qualified repository, got ${quoted(repository)}`,
    {
      data: { scope: repository },
      hint: 'name the repository as registry/repository, without scheme or tag',
    },
  );
}

/**
 * The scope with its registry in one spelling: host names do not differ by case (RFC 4343), paths do;
 * zeros before a port mean nothing, 443 is the port where none is given, and Docker Hub has three names.
 */
export function foldHost(scope: string): string {
  const slash = scope.indexOf('/');
  if (slash < 0) return foldRegistry(scope);
  return foldRegistry(scope.slice(0, slash)) + scope.slice(slash);
}

function foldRegistry(registry: string): string {
  const [, host = '', port] = /^(.*?)(?::0*(\d*))?$/s.exec(registry.toLowerCase()) ?? [];
  const name = DOCKER_HUB_HOSTS.includes(host) ? 'docker.io' : host;
  return port === undefined || port === '443' ? name : `${name}:${port}`;
}
