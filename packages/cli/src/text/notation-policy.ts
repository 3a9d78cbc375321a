import type { PolicyRule } from '@nv2/notary';
import { quote } from './quote.ts';

type Facts = Readonly<Record<string, string>>;
type Words = (facts: Facts) => string;

/** What a registry scope has to be, after what is wrong with one. */
export const SCOPE_FORM =
  'make sure it is a fully qualified repository without the scheme, protocol or tag. For example domain.com/my/repository or a local scope like local/myOCILayout';
const MANDATORY = "'C', 'ST' or 'S', and 'O' RDN attributes at a minimum";

function statement({ statement: name = '' }: Facts): string {
  return `trust policy statement ${quote(name)}`;
}

/** What the policy is about. */
function about({ policy = 'oci' }: Facts): string {
  return policy;
}

function value(facts: Facts, key: string): string {
  return quote(facts[key] ?? '');
}

function invalidLevel(facts: Facts, reason: string): string {
  return `${about(facts)} trust policy: ${statement(facts)} has invalid signatureVerification: ${reason}`;
}

function invalidIdentity(facts: Facts, reason: string): string {
  return `${about(facts)} trust policy: ${statement(facts)} has trusted identity ${value(facts, 'identity')} with invalid identity value: ${reason}`;
}

/** notation's words for each rule of the trust policy; a missing rule is a type error. */
const POLICY_WORDS: Readonly<Record<PolicyRule, Words>> = {
  'version-missing': (facts) =>
    `${about(facts)} trust policy document has empty version, version must be specified`,
  'version-unsupported': (facts) =>
    `${about(facts)} trust policy document uses unsupported version ${value(facts, 'version')}`,
  'statements-missing': (facts) =>
    `${about(facts)} trust policy document can not have zero trust policy statements`,
  'name-duplicate': (facts) =>
    `multiple ${about(facts)} trust policy statements use the same name ${value(facts, 'statement')}, statement names must be unique`,
  'name-missing': (facts) =>
    `${about(facts)} trust policy: a trust policy statement is missing a name, every statement requires a name`,
  'level-missing': (facts) =>
    invalidLevel(
      facts,
      'signature verification level is empty or missing in the trust policy statement',
    ),
  'level-unknown': (facts) =>
    invalidLevel(facts, `invalid signature verification level ${value(facts, 'level')}`),
  'override-of-skip': (facts) =>
    invalidLevel(
      facts,
      `signature verification level ${value(facts, 'level')} can't be used to customize signature verification`,
    ),
  'override-check-unknown': (facts) =>
    invalidLevel(
      facts,
      `verification type ${value(facts, 'check')} in custom signature verification is not supported, supported values are ["integrity" "authenticity" "authenticTimestamp" "expiry" "revocation"]`,
    ),
  'override-action-unknown': (facts) =>
    invalidLevel(
      facts,
      `verification action ${value(facts, 'action')} in custom signature verification is not supported, supported values are ["enforce" "log" "skip"]`,
    ),
  'override-of-integrity': (facts) =>
    invalidLevel(
      facts,
      `${value(facts, 'check')} verification can not be overridden in custom signature verification`,
    ),
  'override-to-skip': (facts) =>
    invalidLevel(
      facts,
      `${value(facts, 'check')} verification can not be skipped in custom signature verification`,
    ),
  'timestamp-option-unknown': (facts) =>
    invalidLevel(
      facts,
      `verifyTimestamp must be "always" or "afterCertExpiry", but got ${value(facts, 'value')}`,
    ),
  'skip-with-trust': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} is set to skip signature verification but configured with trust stores and/or trusted identities, remove them if signature verification needs to be skipped`,
  'trust-missing': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} is either missing trust stores or trusted identities, both must be specified`,
  'store-malformed': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} has malformed trust store value ${value(facts, 'value')}. The required format is <TrustStoreType>:<TrustStoreName>`,
  'store-type-unknown': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} uses an unsupported trust store type ${value(facts, 'type')} in trust store value ${value(facts, 'value')}`,
  'store-name-invalid': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} uses an unsupported trust store name ${value(facts, 'name')} in trust store value ${value(facts, 'value')}. Named store name needs to follow [a-zA-Z0-9_.-]+ format`,
  'identity-wildcard-not-alone': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} uses a wildcard trusted identity '*', a wildcard identity cannot be used in conjunction with other values`,
  'identity-empty': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} has an empty trusted identity`,
  'identity-separator-missing': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} has trusted identity ${value(facts, 'identity')} missing separator`,
  'identity-value-missing': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} has trusted identity ${value(facts, 'identity')} without an identity value`,
  'identity-dn-hash': (facts) =>
    invalidIdentity(
      facts,
      `unsupported distinguished name (DN) ${value(facts, 'dn')}: notation does not support x509.subject identities containing "=#"`,
    ),
  'identity-dn-malformed': (facts) =>
    invalidIdentity(
      facts,
      `parsing distinguished name (DN) ${value(facts, 'dn')} failed. A valid DN must contain ${MANDATORY}, and follow RFC 4514 standard`,
    ),
  'identity-dn-multi-valued': (facts) =>
    invalidIdentity(
      facts,
      `distinguished name (DN) ${value(facts, 'dn')} has multi-valued RDN attributes, remove multi-valued RDN attributes as they are not supported`,
    ),
  'identity-dn-duplicate': (facts) =>
    invalidIdentity(
      facts,
      `distinguished name (DN) ${value(facts, 'dn')} has duplicate RDN attribute for ${value(facts, 'attribute')}, DN can only have unique RDN attributes`,
    ),
  'identity-dn-mandatory': (facts) =>
    invalidIdentity(
      facts,
      `distinguished name (DN) ${value(facts, 'dn')} has no mandatory RDN attribute for ${value(facts, 'attribute')}, it must contain ${MANDATORY}`,
    ),
  'identity-overlap': (facts) =>
    `${about(facts)} trust policy: ${statement(facts)} has overlapping x509 trustedIdentities, ${value(facts, 'identity')} overlaps with ${value(facts, 'other')}`,
  'scopes-missing': (facts) =>
    `oci ${statement(facts)} has zero registry scopes, it must specify registry scopes with at least one value`,
  'scope-wildcard-not-alone': (facts) =>
    `oci ${statement(facts)} uses wildcard registry scope '*', a wildcard scope cannot be used in conjunction with other scope values`,
  'scope-wildcard-within': (facts) =>
    `registry scope ${value(facts, 'scope')} with wild card(s) is not valid, ${SCOPE_FORM}`,
  'scope-invalid': (facts) => `registry scope ${value(facts, 'scope')} is not valid, ${SCOPE_FORM}`,
  'scope-duplicate': (facts) =>
    `registry scope ${value(facts, 'scope')} is present in multiple oci trust policy statements, one registry scope value can only be associated with one statement`,
  'global-duplicate': () =>
    'multiple blob trust policy statements have globalPolicy set to true. Only one trust policy statement can be marked as global policy',
  'global-skip': () =>
    'global blob trust policy statement cannot have verification level set to skip',
};

/** notation's words for a broken rule, from the data of NOTARY_POLICY_INVALID. */
export function policyRuleWords(data: Readonly<Record<string, unknown>>): string | undefined {
  const rule = String(data['rule']);
  const words = Object.entries(POLICY_WORDS).find(([name]) => name === rule)?.[1];
  const facts = Object.entries(data).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return words?.(Object.fromEntries(facts));
}
