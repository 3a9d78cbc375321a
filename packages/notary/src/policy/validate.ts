import { nearestWord } from '@nv2/core';
import {
  isTrustStoreName,
  isTrustStoreType,
  TRUST_STORE_TYPES,
  type TrustStoreReference,
} from '../truststore/trust-store.ts';
import type { ValuePath } from '../value-path.ts';
import { parseTrustedIdentities } from './identities.ts';
import {
  ACTIONS,
  CHECKS,
  type CheckAction,
  type CheckName,
  isCheckAction,
  isCheckName,
  isLevelName,
  isTimestampOption,
  LEVELS,
  type LevelName,
  type SignatureVerification,
  TIMESTAMP_OPTIONS,
} from './levels.ts';
import type { RawPolicy, RawSignatureStatement, RawSignatureVerification } from './oci-policy.ts';
import { type BrokenAt, brokenRule } from './rules.ts';
import { assertScope, notationScope, WILDCARD } from './scopes.ts';
import type { SignatureStatement, TrustStatement } from './statement.ts';

/** The checks that an override can name, and the actions that it can give all of them. */
const OVERRIDABLE = CHECKS.filter((check) => check !== 'integrity');
const UNSKIPPED = ACTIONS.filter((action) => action !== 'skip');

/**
 * Turns a policy as read into validated statements. Rules are checked in the reference's order, so
 * that of several broken rules both report the same one.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 */
export function validateOciTrustPolicy(policy: RawPolicy): readonly TrustStatement[] {
  const statements = validateStatements(policy, (raw, at) => ({
    ...validateSignatureStatement(raw, at),
    scopes: raw.registryScopes.map(notationScope),
  }));
  assertScopes(policy);
  return statements;
}

/**
 * Checks what policies about images and about blobs have in common around their statements, and
 * each statement by a function.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 */
export function validateStatements<Raw extends { readonly name: string }, Statement>(
  policy: { readonly version: string; readonly trustPolicies: readonly Raw[] },
  validateStatement: (raw: Raw, at: ValuePath) => Statement,
): readonly Statement[] {
  const { version, trustPolicies } = policy;
  if (version === '') throw brokenRule('version-missing', {}, missing(['version']));
  if (version !== '1.0') {
    throw brokenRule('version-unsupported', { version }, { path: ['version'] });
  }
  if (trustPolicies.length === 0) {
    throw brokenRule('statements-missing', {}, missing(['trustPolicies']));
  }
  const names = new Set<string>();
  return trustPolicies.map((raw, i) => {
    const at = ['trustPolicies', i];
    if (names.has(raw.name)) {
      throw brokenRule('name-duplicate', { statement: raw.name }, { path: [...at, 'name'] });
    }
    names.add(raw.name);
    return validateStatement(raw, at);
  });
}

/**
 * Checks a statement, which is at a place in the policy.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 */
export function validateSignatureStatement(
  raw: RawSignatureStatement,
  at: ValuePath,
): SignatureStatement {
  const statement = raw.name;
  if (statement === '') throw brokenRule('name-missing', {}, missing([...at, 'name']));
  const signatureVerification = validateVerification(raw.signatureVerification, {
    statement,
    at: [...at, 'signatureVerification'],
  });
  const { trustStores, trustedIdentities } = raw;
  const base = { name: statement, signatureVerification };
  const storesAt = [...at, 'trustStores'];
  const identitiesAt = [...at, 'trustedIdentities'];
  if (signatureVerification.level === 'skip') {
    if (trustStores.length > 0 || trustedIdentities.length > 0) {
      const path = trustStores.length > 0 ? storesAt : identitiesAt;
      throw brokenRule('skip-with-trust', { statement }, { path });
    }
    return { ...base, signers: [], threshold: 1, timestampStores: [] };
  }
  const absent = [
    ...(trustStores.length === 0 ? [storesAt] : []),
    ...(trustedIdentities.length === 0 ? [identitiesAt] : []),
  ];
  const [path] = absent;
  if (path !== undefined) {
    throw brokenRule('trust-missing', { statement }, { path, missing: absent });
  }
  const stores = trustStores.map((value, i) =>
    parseTrustStoreReference(value, { statement, at: [...storesAt, i] }),
  );
  return {
    ...base,
    signers: [
      {
        name: statement,
        trustStores: stores.filter(({ type }) => type !== 'tsa'),
        trustedIdentities: parseTrustedIdentities(trustedIdentities, {
          statement,
          path: identitiesAt,
        }),
      },
    ],
    threshold: 1,
    timestampStores: stores.filter(({ type }) => type === 'tsa'),
  };
}

/** What is checked: where it is, and the name of the statement that it is in. */
interface Within {
  readonly statement: string;
  readonly at: ValuePath;
}

function validateVerification(
  raw: RawSignatureVerification,
  { statement, at }: Within,
): SignatureVerification {
  const { level } = raw;
  const levelAt = [...at, 'level'];
  if (level === '') throw brokenRule('level-missing', { statement }, missing(levelAt, at));
  if (!isLevelName(level)) {
    const meant = nearestWord(level, Object.keys(LEVELS));
    throw brokenRule('level-unknown', { statement, level }, { path: levelAt, meant });
  }
  const override = validateOverride(raw.override, level, { statement, at: [...at, 'override'] });
  const verifyTimestamp = raw.verifyTimestamp === '' ? 'always' : raw.verifyTimestamp;
  if (!isTimestampOption(verifyTimestamp)) {
    const value = verifyTimestamp;
    const meant = nearestWord(value, TIMESTAMP_OPTIONS);
    const path = [...at, 'verifyTimestamp'];
    throw brokenRule('timestamp-option-unknown', { statement, value }, { path, meant });
  }
  return { level, override, verifyTimestamp };
}

function validateOverride(
  raw: ReadonlyMap<string, string>,
  level: LevelName,
  { statement, at }: Within,
): ReadonlyMap<CheckName, CheckAction> {
  const override = new Map<CheckName, CheckAction>();
  if (raw.size > 0 && level === 'skip') {
    throw brokenRule('override-of-skip', { statement, level }, { path: at });
  }
  for (const [check, action] of raw) {
    const path = [...at, check];
    if (!isCheckName(check)) {
      const meant = nearestWord(check, OVERRIDABLE);
      throw brokenRule(
        'override-check-unknown',
        { statement, check },
        { path, part: 'key', meant },
      );
    }
    if (!isCheckAction(action)) {
      const meant = nearestWord(action, check === 'revocation' ? ACTIONS : UNSKIPPED);
      throw brokenRule('override-action-unknown', { statement, action }, { path, meant });
    }
    if (check === 'integrity') {
      throw brokenRule('override-of-integrity', { statement, check }, { path, part: 'key' });
    }
    if (check !== 'revocation' && action === 'skip') {
      throw brokenRule('override-to-skip', { statement, check }, { path });
    }
    override.set(check, action);
  }
  return override;
}

function parseTrustStoreReference(value: string, { statement, at }: Within): TrustStoreReference {
  const colon = value.indexOf(':');
  if (colon < 0) throw brokenRule('store-malformed', { statement, value }, { path: at });
  const type = value.slice(0, colon);
  const name = value.slice(colon + 1);
  if (!isTrustStoreType(type)) {
    const meant = nearestWord(type, TRUST_STORE_TYPES);
    throw brokenRule('store-type-unknown', { statement, type, value }, { path: at, meant });
  }
  if (!isTrustStoreName(name)) {
    throw brokenRule('store-name-invalid', { statement, name, value }, { path: at });
  }
  return { type, name };
}

/**
 * The part of {@link validateOciTrustPolicy} that comes last: every statement has scopes, and no two
 * have one in common.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 */
export function assertScopes({ trustPolicies }: RawPolicy): void {
  const scopes: { readonly scope: string; readonly path: ValuePath }[] = [];
  for (const [i, { name: statement, registryScopes }] of trustPolicies.entries()) {
    const at = ['trustPolicies', i, 'registryScopes'];
    if (registryScopes.length === 0) {
      throw brokenRule('scopes-missing', { statement }, missing(at));
    }
    if (registryScopes.length > 1 && registryScopes.includes(WILDCARD)) {
      const path = [...at, registryScopes.indexOf(WILDCARD)];
      throw brokenRule('scope-wildcard-not-alone', { statement }, { path });
    }
    for (const [j, scope] of registryScopes.entries()) {
      const path = [...at, j];
      assertScope(scope, path);
      scopes.push({ scope, path });
    }
  }
  const seen = new Set<string>();
  for (const { scope, path } of scopes) {
    if (seen.has(scope)) throw brokenRule('scope-duplicate', { scope }, { path });
    seen.add(scope);
  }
}

/** Fields of which at least the first had to be there: the path is its, also where it is not. */
function missing(first: ValuePath, ...more: readonly ValuePath[]): BrokenAt {
  return { path: first, missing: [first, ...more] };
}
