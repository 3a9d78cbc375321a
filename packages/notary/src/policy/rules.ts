import { quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import type { ValuePath } from '../value-path.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * The rules of a trust policy: what each means, and which facts `data` carries besides `rule`.
 * A caller that makes its own sentences from a broken rule can cover them all by this type. Of a
 * policy about blobs, `data.policy` is `blob`. Of every rule that a text breaks, `data` has
 *
 * - `path`, a {@link ValuePath} to what breaks it, such as `['trustPolicies', 0, 'name']`; where a
 *   field is missing because its name is mistyped or stands elsewhere, to what stands there;
 * - `part`, which is `key` where it is the name of that field that is wrong;
 * - `line` and `column` of that place in the text, from 1; of a field that is not there, of what had
 *   to have it;
 * - `missing`, where fields had to be there: the paths of those that are not;
 * - `meant`, where a word or the name of a field is nearly one that is known: that one;
 * - `message`, the message without any file;
 * - `earlier`, where what is wrong with a scope stands before it in the text and is found after it: the
 *   data of that.
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
  'identity-dn-mandatory': 'an identity has C, ST and O {statement, identity, dn, attribute}',
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

/** Where in a policy a rule is broken, and by what. */
export interface BrokenAt {
  /** Leads to what is wrong: a value, or a field that is not there. */
  readonly path: ValuePath;
  /** Set where it is the name of a field that is wrong, not its value. */
  readonly part?: 'key';
  /** The fields that had to be there, where that is the rule. */
  readonly missing?: readonly ValuePath[];
  /** Of a closed set, the word that was probably meant. */
  readonly meant?: string | undefined;
}

/**
 * The error for a broken rule: code `NOTARY_POLICY_INVALID`, in `data` the rule and its facts, and
 * what is known of where it is broken.
 */
export function brokenRule(
  rule: PolicyRule,
  facts: Readonly<Record<string, string>>,
  at: BrokenAt,
): NotaryError {
  const meaning = POLICY_RULES[rule].replace(/ \{.*\}$/, '');
  const got = Object.entries(facts).map(([name, value]) => {
    const isMissing = rule === 'identity-dn-mandatory' && name === 'attribute';
    return `${isMissing ? 'no ' : ''}${name} ${quoted(value)}`;
  });
  const message = got.length === 0 ? meaning : `${meaning}, got ${got.join(', ')}`;
  const { meant, ...place } = at;
  return new NotaryError(
    'NOTARY_POLICY_INVALID',
    `invalid trust policy: ${message}${didYouMean(meant)}`,
    {
      data: { rule, ...facts, ...place, ...(meant !== undefined && { meant }) },
      hint: 'correct the trust policy at that place',
    },
  );
}
