import { Nv2Error } from '@nv2/core';
import { GO_ATTRIBUTE_NAMES, parseDistinguishedName } from '@nv2/x509';

/** Attribute type, as written, to value. */
export type SubjectAttributes = ReadonlyMap<string, string>;

/** Why text is not a name that identities are made of. */
export interface DnProblem<Problem extends string = PolicyDnProblem> {
  readonly problem: Problem;
  /** The attribute that is there twice, or not at all. */
  readonly attribute?: string;
}

type NameProblem = 'hash' | 'malformed' | 'multi-valued' | 'duplicate';
type PolicyDnProblem = NameProblem | 'mandatory';
type PartialDnProblem = NameProblem | 'nothing' | 'empty' | 'unknown';
type Attributes = { readonly attributes: SubjectAttributes };

const MANDATORY = ['C', 'ST', 'O'] as const;

/**
 * Reads an RFC 4514 name as a trusted identity of a policy has it: one attribute to each RDN, no
 * attribute twice, C, ST (or S) and O present. Types and values are compared in case.
 *
 * @see specifications trust-store-trust-policy.md "Trusted Identities Constraints"
 */
export function parseSubjectDn(text: string): DnProblem | Attributes {
  const parsed = readSubject(text);
  if ('problem' in parsed) return parsed;
  const missing = MANDATORY.find((type) => (parsed.attributes.get(type) ?? '') === '');
  return missing === undefined ? parsed : { problem: 'mandatory', attribute: missing };
}

/**
 * The same without the mandatory attributes, and stricter otherwise: at least one attribute, none
 * empty, each of a type that a subject in text can have.
 */
export function parsePartialDn(text: string): DnProblem<PartialDnProblem> | Attributes {
  const parsed = readSubject(text, { mayBeEmpty: false });
  if ('problem' in parsed) return parsed;
  const types = [...parsed.attributes.keys()];
  if (types.length === 0) return { problem: 'nothing' };
  const unknown = types.find((type) => !GO_ATTRIBUTE_NAMES.includes(type));
  return unknown === undefined ? parsed : { problem: 'unknown', attribute: unknown };
}

/** The attributes that identities are compared with; `undefined` where none but `*` can match. */
export function subjectAttributes(text: string): SubjectAttributes | undefined {
  const parsed = readSubject(text);
  return 'problem' in parsed ? undefined : parsed.attributes;
}

/** The attributes of a subject in text, one to each RDN and no type twice. */
function readSubject(text: string): DnProblem<NameProblem> | Attributes;
function readSubject(
  text: string,
  options: { readonly mayBeEmpty: boolean },
): DnProblem<NameProblem | 'empty'> | Attributes;
function readSubject(
  text: string,
  { mayBeEmpty }: { readonly mayBeEmpty: boolean } = { mayBeEmpty: true },
): DnProblem<NameProblem | 'empty'> | Attributes {
  if (text.includes('=#')) return { problem: 'hash' };
  const rdns = parseRdns(text);
  if (rdns === undefined) return { problem: 'malformed' };
  const attributes = new Map<string, string>();
  for (const rdn of rdns) {
    const [first, ...more] = rdn;
    if (first === undefined || more.length > 0) return { problem: 'multi-valued' };
    const type = first.type === 'S' ? 'ST' : first.type;
    if (first.value === '' && !mayBeEmpty) return { problem: 'empty', attribute: type };
    // an empty value counts as absent, as in the reference
    if ((attributes.get(type) ?? '') !== '') return { problem: 'duplicate', attribute: type };
    attributes.set(type, first.value);
  }
  return { attributes };
}

/** What is wrong with a name, in words. */
export function dnProblemWords({
  problem,
  attribute,
}: DnProblem<PolicyDnProblem | PartialDnProblem>): string {
  switch (problem) {
    case 'hash':
      return 'values in hexadecimal (=#) cannot be compared';
    case 'malformed':
      return 'it is no name as in RFC 4514, such as C=US, ST=WA, O=Acme';
    case 'multi-valued':
      return 'attributes are joined by a plus sign';
    case 'duplicate':
      return `${attribute} is there twice`;
    case 'mandatory':
      return `${attribute} is missing`;
    case 'nothing':
      return 'it names no attribute';
    case 'empty':
      return `${attribute} is empty`;
    case 'unknown':
      return `${attribute} is no attribute that is compared, which are ${GO_ATTRIBUTE_NAMES.join(', ')}`;
  }
}

function parseRdns(text: string): ReturnType<typeof parseDistinguishedName> | undefined {
  try {
    return parseDistinguishedName(text);
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    return undefined;
  }
}
