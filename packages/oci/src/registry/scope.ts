/** What may be done with a repository. */
export type RepositoryAction = 'pull' | 'push' | 'delete';

/** The scope of a token for a repository, as in `repository:library/alpine:pull`. */
export function repositoryScope(repository: string, actions: readonly RepositoryAction[]): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/**
 * Scopes without repetition, sorted; actions on the same resource are joined. Equal sets of
 * permissions give equal lists.
 */
export function mergeScopes(scopes: readonly string[]): readonly string[] {
  const actionsOf = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const scope of scopes) {
    const end = scope.lastIndexOf(':');
    if (end <= scope.indexOf(':')) {
      if (scope !== '') others.add(scope);
      continue;
    }
    const resource = scope.slice(0, end);
    const actions = actionsOf.get(resource) ?? new Set();
    for (const action of scope.slice(end + 1).split(',')) if (action !== '') actions.add(action);
    actionsOf.set(resource, actions);
  }
  const merged = Array.from(actionsOf, ([resource, actions]) => {
    return `${resource}:${actions.has('*') ? '*' : [...actions].sort().join(',')}`;
  });
  return [...merged, ...others].sort();
}
