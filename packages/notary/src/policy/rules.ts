import { NotaryError } from '../errors.ts';

/**
 * The rules of a trust policy: what each means, and which facts `data` carries besides `rule`.
 * A caller that makes its own sentences from a broken rule can cover them all by this type. Of a
 * policy about blobs, `data.policy` is `blob`.
 */
export const POLICY_RULES = {
  'version-missing': 'version is required',
  'version-unsupported': 'the only version is 1.0 {version}',
  'statements-missing': 'at least one statement is required',
  'name-duplicate': 'names of statements are unique {statement}',
  'name-missing': 'every statement has a name',
  'level-missing': 'signatureVerification has a level {statement}',
  'level-unknown': 'the level is strict, permissive, audit or skip {statement, level}',
  'override-of-skip': 'the level skip has no override {statement, level}',
  'override-check-unknown': 'an override names a check {statement, check}',
  'override-action-unknown': 'an override gives enforce, log or skip {statement, action}',
  'override-of-integrity': 'integrity is not overridden {statement, check}',
  'override-to-skip': 'only revocation is skipped {statement, check}',
  'timestamp-option-unknown': 'verifyTimestamp is always or afterCertExpiry {statement, value}',
  'skip-with-trust': 'the level skip has neither stores nor identities {statement}',
  'trust-missing': 'trust stores and trusted identities are both required {statement}',
  'store-malformed': 'a trust store is given as type:name {statement, value}',
  'store-type-unknown': 'the type is ca, signingAuthority or tsa {statement, type, value}',
  'store-name-invalid': 'the name follows [a-zA-Z0-9_.-]+ {statement, name, value}',
  'identity-wildcard-not-alone': 'the identity * stands alone {statement}',
  'identity-empty': 'an identity is not empty {statement}',
  'identity-separator-missing': 'an identity is given as prefix:value {statement, identity}',
  'identity-value-missing': 'an identity has a value {statement, identity}',
  'identity-dn-hash': 'values in hexadecimal (=#) are not supported {statement, identity, dn}',
  'identity-dn-malformed': 'the value is an RFC 4514 name {statement, identity, dn}',
  'identity-dn-multi-valued': 'RDNs have one attribute {statement, identity, dn}',
  'identity-dn-duplicate': 'attributes are unique {statement, identity, dn, attribute}',
  'identity-dn-mandatory': 'C, ST and O are present {statement, identity, dn, attribute}',
  'identity-overlap': 'no identity covers another {statement, identity, other}',
  'scopes-missing': 'at least one registry scope is required {statement}',
  'scope-wildcard-not-alone': 'the scope * stands alone {statement}',
  'scope-wildcard-within': 'a scope has no wildcard in it {scope}',
  'scope-invalid': 'a scope is a fully qualified repository {scope}',
  'scope-duplicate': 'a scope is in one statement only {scope}',
  'global-duplicate': 'one statement at most is global {statement}',
  'global-skip': 'the global statement does not have the level skip {statement}',
} as const;

/** A key of {@link POLICY_RULES}. */
export type PolicyRule = keyof typeof POLICY_RULES;

/** The error for a broken rule: code `NOTARY_POLICY_INVALID`, the rule and its facts in `data`. */
export function brokenRule(
  rule: PolicyRule,
  facts: Readonly<Record<string, string>> = {},
): NotaryError {
  const meaning = POLICY_RULES[rule].replace(/ \{.*\}$/, '');
  const got = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const message = got.length === 0 ? meaning : `${meaning}, got ${got.join(', ')}`;
  return new NotaryError('NOTARY_POLICY_INVALID', `invalid trust policy: ${message}`, {
    data: { rule, ...facts },
    hint: 'correct the trust policy and import it again',
  });
}
