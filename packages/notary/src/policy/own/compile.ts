import type { JsonValue } from '@nv2/core';
import { quoted } from '@nv2/core';
import type { TrustStoreReference, TrustStoreType } from '../../truststore/trust-store.ts';
import type { ValuePath } from '../../value-path.ts';
import type { TrustedIdentity } from '../identities.ts';
import { type CheckAction, type CheckName, isCheckName, LEVELS } from '../levels.ts';
import { formatScope, isRegistryScope, isRepositoryScope, type Scope } from '../scopes.ts';
import type { RequiredSigner, TrustStatement } from '../statement.ts';
import { dnProblemWords, parseSubjectDn } from '../subject-dn.ts';
import {
  type IdentityText,
  POLICY_SHAPE,
  type ScopeText,
  type SignerText,
  type StatementText,
} from './document.ts';
import { compileRevocation } from './revocation-text.ts';
import { mistake, onlyOne } from './shape.ts';

/** A validated trust policy in nv2's own format, as the engine takes it. */
export interface OwnTrustPolicy {
  readonly version: 'nv2/1';
  readonly statements: readonly TrustStatement[];
}

/**
 * Reads and validates a trust policy in nv2's own format from a value of JSON or YAML, objects in it as
 * Maps, as `parseJson` of `@nv2/core` gives them: what `JSON.parse` makes does not show a field that is
 * there twice. Every field is known, no name or scope is there twice, and what the statement asks for can
 * be met.
 *
 * @throws NotaryError `NOTARY_OWN_POLICY_INVALID`; `data.path` leads to the place in the document
 */
export function compileOwnPolicy(document: JsonValue): OwnTrustPolicy {
  const { version, statements } = POLICY_SHAPE.read(document, []);
  assertUnique(
    statements.map(({ name }, i) => ({ text: name, at: ['statements', i, 'name'] })),
    'a statement of that name',
  );
  const compiled = statements.map((one, i) => compileStatement(one, ['statements', i]));
  assertUnique(
    compiled.flatMap(({ scopes }) =>
      scopes.map(({ scope, at }) => ({ text: formatScope(scope), at })),
    ),
    'that scope',
  );
  return {
    version,
    statements: compiled.map(({ statement, scopes }) => ({
      ...statement,
      scopes: scopes.map(({ scope }) => scope),
    })),
  };
}

interface PlacedScope {
  readonly scope: Scope;
  readonly at: ValuePath;
}

interface CompiledStatement {
  readonly statement: Omit<TrustStatement, 'scopes'>;
  readonly scopes: readonly PlacedScope[];
}

function compileStatement(written: StatementText, at: ValuePath): CompiledStatement {
  const { name, level, maxAge, platforms, revocation, metadata = new Map() } = written;
  const signers = (written.signers ?? []).map((one, i) =>
    compileSigner(one, [...at, 'signers', i]),
  );
  assertUnique(
    signers.map((signer, i) => ({ text: signer.name, at: [...at, 'signers', i, 'name'] })),
    'a signer of that name',
  );
  const override = overrideOf(written);
  if (level === 'skip') assertNothingAsked(written, at);
  else if (signers.length === 0) {
    throw mistake(at, 'expected signers: whose signature is asked for', 'name at least one signer');
  }
  const threshold = thresholdOf(written, signers.length, at);
  const authenticity = override.get('authenticity') ?? LEVELS[level].authenticity;
  if (threshold > 1 && authenticity !== 'enforce') {
    throw mistake(
      [...at, 'signers'],
      'several signers can be asked for only where authenticity is enforced',
    );
  }
  const hasDemands = metadata.size > 0 || maxAge !== undefined;
  return {
    statement: {
      name,
      signatureVerification: {
        level,
        override,
        verifyTimestamp: written.timestamp?.verify ?? 'always',
      },
      signers,
      threshold,
      timestampStores: (written.timestamp?.stores ?? []).map((store) => ({
        type: 'tsa',
        name: store,
      })),
      ...(hasDemands && {
        demands: { metadata, ...(maxAge !== undefined && { maxAgeSeconds: maxAge }) },
      }),
      ...(revocation !== undefined && {
        revocation: compileRevocation(revocation, [...at, 'revocation']),
      }),
      ...(platforms !== undefined && { platforms }),
    },
    scopes: written.scopes.flatMap((one, i) => compileScope(one, [...at, 'scopes', i])),
  };
}

function overrideOf({ override }: StatementText): ReadonlyMap<CheckName, CheckAction> {
  const actions = new Map<CheckName, CheckAction>();
  for (const [check, action] of Object.entries<CheckAction | undefined>({ ...override })) {
    if (isCheckName(check) && action !== undefined) actions.set(check, action);
  }
  return actions;
}

const ASKING = [
  'signers',
  'require',
  'override',
  'revocation',
  'timestamp',
  'metadata',
  'maxAge',
  'platforms',
] as const;

function assertNothingAsked(written: StatementText, at: ValuePath): void {
  const asked = ASKING.find((field) => written[field] !== undefined);
  if (asked === undefined) return;
  throw mistake(
    [...at, asked],
    'the level skip asks for nothing, so nothing else can be asked for',
  );
}

function thresholdOf({ require = 'all' }: StatementText, signers: number, at: ValuePath): number {
  if (require === 'any') return 1;
  if (require === 'all') return Math.max(signers, 1);
  if (require.atLeast <= signers) return require.atLeast;
  throw mistake(
    [...at, 'require', 'atLeast'],
    `expected at most ${signers}, the number of signers, got ${require.atLeast}`,
  );
}

function compileSigner(written: SignerText, at: ValuePath): RequiredSigner {
  const { name, stores = [], identities, keys } = written;
  if (stores.length === 0 && keys === undefined) {
    throw mistake(at, 'expected stores, keys or both: by what the signer is known');
  }
  if (stores.length > 0 && identities === undefined) {
    throw mistake(
      at,
      'expected identities: whom of those that hold a certificate of the stores',
      'name the subject, or say any: true if everybody whom the authority certifies may sign',
    );
  }
  if (stores.length === 0 && identities !== undefined) {
    throw mistake([...at, 'identities'], 'without stores nobody vouches for an identity');
  }
  return {
    name,
    trustStores: stores.map(storeOf),
    trustedIdentities:
      identities === undefined
        ? [{ kind: 'any', text: '*' }]
        : identities.map((one, i) => compileIdentity(one, [...at, 'identities', i])),
    ...(keys !== undefined && { keys: new Set(keys.map((key) => key.slice('sha256:'.length))) }),
  };
}

function storeOf(text: string): TrustStoreReference {
  const colon = text.indexOf(':');
  const type: TrustStoreType = text.startsWith('ca:') ? 'ca' : 'signingAuthority';
  return { type, name: text.slice(colon + 1) };
}

function compileIdentity(written: IdentityText, at: ValuePath): TrustedIdentity {
  const { subject, any, other } = written;
  onlyOne(written, ['subject', 'any', 'other'], at);
  if (any === true) return { kind: 'any', text: '*' };
  if (other !== undefined) return { kind: 'other', text: other };
  const parsed = parseSubjectDn(subject ?? '');
  if ('attributes' in parsed) {
    return { kind: 'x509.subject', text: `x509.subject:${subject}`, attributes: parsed.attributes };
  }
  throw mistake(
    [...at, 'subject'],
    `expected a name with C, ST and O, each attribute once, got ${quoted(subject ?? '')}: ${dnProblemWords(parsed)}`,
  );
}

function compileScope(written: ScopeText, at: ValuePath): readonly PlacedScope[] {
  const kind = onlyOne(written, ['repository', 'namespace', 'registry', 'any'], at);
  const { mirrors = [] } = written;
  if (kind === 'any') {
    if (mirrors.length === 0) return [{ scope: { kind: 'any' }, at: [...at, 'any'] }];
    throw mistake([...at, 'mirrors'], 'the scope any covers every mirror already');
  }
  const isName = kind === 'registry' ? isRegistryScope : isRepositoryScope;
  const bad = mirrors.findIndex((mirror) => !isName(mirror));
  if (bad >= 0) {
    throw mistake(
      [...at, 'mirrors', bad],
      `expected the name of a ${kind}, as the scope has it, got ${quoted(mirrors[bad] ?? '')}`,
    );
  }
  const name = written[kind] ?? '';
  return [
    { scope: { kind, name }, at: [...at, kind] },
    ...mirrors.map((mirror, i) => ({
      scope: { kind, name: mirror, mirrorOf: name },
      at: [...at, 'mirrors', i],
    })),
  ];
}

function assertUnique(
  items: readonly { readonly text: string; readonly at: ValuePath }[],
  what: string,
): void {
  const seen = new Set<string>();
  for (const { text, at } of items) {
    if (seen.has(text)) throw mistake(at, `there is ${what} already: ${quoted(text)}`);
    seen.add(text);
  }
}
