import { quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import type { ValuePath } from '../value-path.ts';
import { brokenRule, type PolicyRule } from './rules.ts';
import {
  type DnProblem,
  dnProblemWords,
  parsePartialDn,
  parseSubjectDn,
  type SubjectAttributes,
} from './subject-dn.ts';

/** Who may sign: tagged, so that a name is never taken for a pattern. */
export type TrustedIdentity =
  /** Whoever holds a certificate of the trust stores. */
  | { readonly kind: 'any'; readonly text: '*' }
  /** Whose subject has at least these attributes, each equal as a whole and in case. */
  | {
      readonly kind: 'x509.subject';
      readonly text: string;
      readonly attributes: SubjectAttributes;
    }
  /** Of a kind that only a verification plugin knows. */
  | { readonly kind: 'other'; readonly text: string };

/** The kind of identity that is compared with subjects. */
export const SUBJECT_PREFIX = 'x509.subject';

const RULE_OF: Readonly<Record<DnProblem['problem'], PolicyRule>> = {
  hash: 'identity-dn-hash',
  malformed: 'identity-dn-malformed',
  'multi-valued': 'identity-dn-multi-valued',
  duplicate: 'identity-dn-duplicate',
  mandatory: 'identity-dn-mandatory',
};

/** Whose `trustedIdentities` are read: the name of the statement, and where in it they are. */
export interface IdentitiesOf {
  readonly statement: string;
  readonly path: ValuePath;
}

/**
 * Reads the `trustedIdentities` of a statement.
 *
 * @throws NotaryError `NOTARY_POLICY_INVALID`
 * @see specifications trust-store-trust-policy.md "Trusted Identities Constraints"
 */
export function parseTrustedIdentities(
  texts: readonly string[],
  of: IdentitiesOf,
): readonly TrustedIdentity[] {
  const { statement, path } = of;
  if (texts.length > 1 && texts.includes('*')) {
    const at = { path: [...path, texts.indexOf('*')] };
    throw brokenRule('identity-wildcard-not-alone', { statement }, at);
  }
  const identities = texts.map((text, i) =>
    parseTrustedIdentity(text, { statement, path: [...path, i] }),
  );
  assertNoOverlap(identities, of);
  return identities;
}

/**
 * An identity outside of any policy, by one or more attributes of the subject in RFC 4514 text. No
 * attribute is mandatory here; none is there twice, empty, or of a type that is not compared.
 *
 * @throws NotaryError `NOTARY_IDENTITY_INVALID`
 */
export function subjectIdentity(subject: string): TrustedIdentity {
  const parsed = parsePartialDn(subject);
  if ('attributes' in parsed) {
    return { kind: 'x509.subject', text: `${SUBJECT_PREFIX}:${subject}`, ...parsed };
  }
  throw new NotaryError(
    'NOTARY_IDENTITY_INVALID',
    `expected at least one attribute of a subject, such as CN=release, O=Acme, got ${quoted(subject)}: ${dnProblemWords(parsed)}`,
    { data: { subject, ...parsed } },
  );
}

/**
 * Whether a certificate subject has every attribute of one of the identities, or any may sign.
 *
 * @param subject `subjectAttributes` of the name as Go prints it (`formatNameGo`): the reference compares
 *   with that text, so that a subject with two attributes of a type, or with an attribute that Go has no
 *   name for, is matched by no identity but `*`
 */
export function matchesIdentity(
  subject: SubjectAttributes | undefined,
  identities: readonly TrustedIdentity[],
): boolean {
  return identities.some((identity) => {
    if (identity.kind === 'any') return true;
    if (identity.kind !== 'x509.subject' || subject === undefined) return false;
    // without an attribute it would be anybody's
    return identity.attributes.size > 0 && isSubset(identity.attributes, subject);
  });
}

function parseTrustedIdentity(
  identity: string,
  { statement, path }: IdentitiesOf,
): TrustedIdentity {
  if (identity === '') throw brokenRule('identity-empty', { statement }, { path });
  if (identity === '*') return { kind: 'any', text: '*' };
  const colon = identity.indexOf(':');
  if (colon < 0) throw brokenRule('identity-separator-missing', { statement, identity }, { path });
  if (identity.slice(0, colon) !== SUBJECT_PREFIX) return { kind: 'other', text: identity };
  const dn = identity.slice(colon + 1);
  if (dn === '') throw brokenRule('identity-value-missing', { statement, identity }, { path });
  const parsed = parseSubjectDn(dn);
  if ('problem' in parsed) {
    const { problem, attribute } = parsed;
    const facts = { statement, identity, dn, ...(attribute !== undefined && { attribute }) };
    throw brokenRule(RULE_OF[problem], facts, { path });
  }
  return { kind: 'x509.subject', text: identity, attributes: parsed.attributes };
}

function assertNoOverlap(
  identities: readonly TrustedIdentity[],
  { statement, path }: IdentitiesOf,
): void {
  const subjects = identities.flatMap((identity, index) =>
    identity.kind === 'x509.subject' ? [{ ...identity, index }] : [],
  );
  for (const one of subjects) {
    const covered = subjects.find(
      (other) => other !== one && isSubset(one.attributes, other.attributes),
    );
    if (covered !== undefined) {
      const facts = { statement, identity: one.text, other: covered.text };
      const second = Math.max(one.index, covered.index);
      throw brokenRule('identity-overlap', facts, { path: [...path, second] });
    }
  }
}

// An absent attribute equals an empty one, as in the reference.
function isSubset(part: SubjectAttributes, whole: SubjectAttributes): boolean {
  return [...part].every(([type, value]) => (whole.get(type) ?? '') === value);
}
