import type { Finding } from './lint.ts';
import { coversRepository, formatScope, type Scope } from './scopes.ts';
import { selectStatement } from './select.ts';
import type { TrustStatement } from './statement.ts';

interface Policy {
  readonly statements: readonly TrustStatement[];
}

type NamedScope = Exclude<Scope, { readonly kind: 'any' }>;

/**
 * Where the same content would be decided about by one statement under its own name and by another
 * under the name of a mirror: some scope of another statement lies within either of them.
 */
export function lintMirrors(policy: Policy, statement: TrustStatement): readonly Finding[] {
  return statement.scopes.flatMap((scope) => {
    if (scope.kind === 'any' || scope.mirrorOf === undefined) return [];
    const pairs = [
      [scope.mirrorOf, scope.name],
      [scope.name, scope.mirrorOf],
    ] as const;
    return pairs.flatMap(([here, there]) => within(policy, scope, { here, there }));
  });
}

function within(
  policy: Policy,
  mirror: NamedScope,
  { here, there }: { readonly here: string; readonly there: string },
): readonly Finding[] {
  const inner = policy.statements.flatMap(({ scopes }) =>
    scopes.filter((s): s is NamedScope => coversName({ ...mirror, name: here }, s)),
  );
  return inner.flatMap((scope) => {
    const sample = scope.kind === 'repository' ? scope.name : `${scope.name}/any`;
    const twin = `${there}${sample.slice(here.length)}`;
    const [one, other] = [sample, twin].map((name) => decider(policy, name));
    if (one === other) return [];
    const message = `${formatScope(scope)} is decided about by the statement ${one}, and by ${other} where its content is ${twin}: ${mirror.name} is a mirror of ${mirror.mirrorOf}`;
    return [{ rule: 'mirror-overlap', severity: 'warning', message }];
  });
}

function coversName(outer: NamedScope, inner: Scope): boolean {
  if (inner.kind === 'any' || inner.name === outer.name) return false;
  return outer.kind !== 'repository' && coversRepository(outer, inner.name);
}

function decider(policy: Policy, repository: string): string {
  return JSON.stringify(selectStatement(policy, repository).statement.name);
}
