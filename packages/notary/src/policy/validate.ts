import {
  isTrustStoreName,
  isTrustStoreType,
  type TrustStoreReference,
} from '../truststore/trust-store.ts';
import { parseTrustedIdentities } from './identities.ts';
import {
  type CheckAction,
  type CheckName,
  isCheckAction,
  isCheckName,
  isLevelName,
  isTimestampOption,
  type LevelName,
  type SignatureVerification,
} from './levels.ts';
import type { RawPolicy, RawSignatureStatement, RawSignatureVerification } from './oci-policy.ts';
import { brokenRule } from './rules.ts';
import { assertScope, notationScope, WILDCARD } from './scopes.ts';
import type { SignatureStatement, TrustStatement } from './statement.ts';

/**
 * Turns a policy as read into validated statements. Rules are checked in the reference's order, so
 * that of several broken rules both report the same one.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 */
export function validateOciTrustPolicy(policy: RawPolicy): readonly TrustStatement[] {
  const statements = validateStatements(policy, (raw) => ({
    ...validateSignatureStatement(raw),
    scopes: raw.registryScopes.map(notationScope),
  }));
  validateScopes(policy);
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
  validateStatement: (raw: Raw) => Statement,
): readonly Statement[] {
  if (policy.version === '') throw brokenRule('version-missing');
  if (policy.version !== '1.0')
    throw brokenRule('version-unsupported', { version: policy.version });
  if (policy.trustPolicies.length === 0) throw brokenRule('statements-missing');
  const names = new Set<string>();
  return policy.trustPolicies.map((raw) => {
    if (names.has(raw.name)) throw brokenRule('name-duplicate', { statement: raw.name });
    names.add(raw.name);
    return validateStatement(raw);
  });
}

/** @throws NotaryError `NOTARY_POLICY_INVALID` */
export function validateSignatureStatement(raw: RawSignatureStatement): SignatureStatement {
  const statement = raw.name;
  if (statement === '') throw brokenRule('name-missing');
  const signatureVerification = validateVerification(raw.signatureVerification, statement);
  const { trustStores, trustedIdentities } = raw;
  const base = { name: statement, signatureVerification };
  if (signatureVerification.level === 'skip') {
    if (trustStores.length > 0 || trustedIdentities.length > 0) {
      throw brokenRule('skip-with-trust', { statement });
    }
    return { ...base, signers: [], threshold: 1, timestampStores: [] };
  }
  if (trustStores.length === 0 || trustedIdentities.length === 0) {
    throw brokenRule('trust-missing', { statement });
  }
  const stores = trustStores.map((value) => parseTrustStoreReference(value, statement));
  return {
    ...base,
    signers: [
      {
        name: statement,
        trustStores: stores.filter(({ type }) => type !== 'tsa'),
        trustedIdentities: parseTrustedIdentities(trustedIdentities, statement),
      },
    ],
    threshold: 1,
    timestampStores: stores.filter(({ type }) => type === 'tsa'),
  };
}

function validateVerification(
  raw: RawSignatureVerification,
  statement: string,
): SignatureVerification {
  if (raw.level === '') throw brokenRule('level-missing', { statement });
  if (!isLevelName(raw.level)) {
    throw brokenRule('level-unknown', { statement, level: raw.level });
  }
  const override = validateOverride(raw, raw.level, statement);
  const verifyTimestamp = raw.verifyTimestamp === '' ? 'always' : raw.verifyTimestamp;
  if (!isTimestampOption(verifyTimestamp)) {
    throw brokenRule('timestamp-option-unknown', { statement, value: raw.verifyTimestamp });
  }
  return { level: raw.level, override, verifyTimestamp };
}

function validateOverride(
  raw: RawSignatureVerification,
  level: LevelName,
  statement: string,
): ReadonlyMap<CheckName, CheckAction> {
  const override = new Map<CheckName, CheckAction>();
  if (raw.override.size > 0 && level === 'skip') {
    throw brokenRule('override-of-skip', { statement, level });
  }
  for (const [check, action] of raw.override) {
    if (!isCheckName(check)) throw brokenRule('override-check-unknown', { statement, check });
    if (!isCheckAction(action)) throw brokenRule('override-action-unknown', { statement, action });
    if (check === 'integrity') throw brokenRule('override-of-integrity', { statement, check });
    if (check !== 'revocation' && action === 'skip') {
      throw brokenRule('override-to-skip', { statement, check });
    }
    override.set(check, action);
  }
  return override;
}

function parseTrustStoreReference(value: string, statement: string): TrustStoreReference {
  const colon = value.indexOf(':');
  if (colon < 0) throw brokenRule('store-malformed', { statement, value });
  const type = value.slice(0, colon);
  const name = value.slice(colon + 1);
  if (!isTrustStoreType(type)) throw brokenRule('store-type-unknown', { statement, type, value });
  if (!isTrustStoreName(name)) throw brokenRule('store-name-invalid', { statement, name, value });
  return { type, name };
}

function validateScopes({ trustPolicies }: RawPolicy): void {
  const scopes: string[] = [];
  for (const { name: statement, registryScopes } of trustPolicies) {
    if (registryScopes.length === 0) throw brokenRule('scopes-missing', { statement });
    if (registryScopes.length > 1 && registryScopes.includes(WILDCARD)) {
      throw brokenRule('scope-wildcard-not-alone', { statement });
    }
    registryScopes.forEach(assertScope);
    scopes.push(...registryScopes);
  }
  const seen = new Set<string>();
  for (const scope of scopes) {
    if (seen.has(scope)) throw brokenRule('scope-duplicate', { scope });
    seen.add(scope);
  }
}
