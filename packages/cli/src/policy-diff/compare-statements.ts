import {
  canonicalDemands,
  formatScope,
  NotaryError,
  type Scope,
  selectStatement,
  type TrustStatement,
} from '@nv2/notary';

/** Two policies to compare. */
export interface PolicyPair {
  readonly before: Policy;
  readonly after: Policy;
}

interface Policy {
  readonly statements: readonly TrustStatement[];
}

/** By which statements two policies decide about one thing; a name is absent where none does. */
export interface StatementChange {
  /** `statement`: another one that demands the same; `demands`: something else is demanded. */
  readonly change: 'none' | 'statement' | 'demands';
  readonly before?: string;
  readonly after?: string;
}

/** The same of a scope or a reference, as text. */
export interface ComparedStatements extends StatementChange {
  readonly about: string;
}

/** How two policies decide about a repository. */
export function compareStatements(repository: string, pair: PolicyPair): StatementChange {
  const before = applicable(pair.before, repository);
  const after = applicable(pair.after, repository);
  const isSame = demandsOf(before) === demandsOf(after);
  const change = isSame ? (before?.name === after?.name ? 'none' : 'statement') : 'demands';
  return {
    change,
    ...(before !== undefined && { before: before.name }),
    ...(after !== undefined && { after: after.name }),
  };
}

/** How two policies decide about what either has a scope for, and about all the rest. */
export function compareScopes(pair: PolicyPair): readonly ComparedStatements[] {
  const scopes = [...pair.before.statements, ...pair.after.statements].flatMap((one) => one.scopes);
  const byText = new Map(scopes.map((scope) => [formatScope(scope), scope]));
  byText.set(formatScope({ kind: 'any' }), { kind: 'any' });
  return [...byText]
    .map(([text, scope]) => ({ about: text, ...compareStatements(sampleOf(scope, scopes), pair) }))
    .toSorted((a, b) => (a.about < b.about ? -1 : 1));
}

/** A repository that the scope covers, and none of the narrower ones does. */
function sampleOf(scope: Scope, scopes: readonly Scope[]): string {
  if (scope.kind === 'repository') return scope.name;
  const below = scope.kind === 'any' ? 'nv2.invalid' : scope.name;
  const taken = new Set(scopes.flatMap((one) => (one.kind === 'any' ? [] : [one.name])));
  for (let number = 0; ; number++) {
    const sample = `${below}/any${number}`;
    if (!taken.has(sample)) return sample;
  }
}

/** What a verification ends with where no statement decides: also about what no scope can name. */
const REFUSED: ReadonlySet<string> = new Set([
  'NOTARY_POLICY_NOT_APPLICABLE',
  'NOTARY_SCOPE_INVALID',
]);

function applicable(policy: Policy, repository: string): TrustStatement | undefined {
  try {
    return selectStatement(policy, repository).statement;
  } catch (error) {
    if (error instanceof NotaryError && REFUSED.has(error.code)) return undefined;
    throw error;
  }
}

function demandsOf(statement: TrustStatement | undefined): string | undefined {
  return statement === undefined ? undefined : canonicalDemands(statement);
}

/** The statements in words, as in `statement "a" -> no statement (refused)`. */
export function statementWords({ before, after }: Omit<StatementChange, 'change'>): string {
  const [old, now] = [before, after].map((name) =>
    name === undefined ? 'no statement (refused)' : `statement ${JSON.stringify(name)}`,
  );
  return `${old} -> ${now}`;
}
