import { Nv2Error } from '@nv2/core';
import { parseDistinguishedName } from '@nv2/x509';

/** Attribute type, as written, to value. */
export type SubjectAttributes = ReadonlyMap<string, string>;

/** Why text is not a name that identities are made of. */
export interface DnProblem {
  readonly problem: 'hash' | 'malformed' | 'multi-valued' | 'duplicate' | 'mandatory';
  /** The attribute that is there twice, or not at all. */
  readonly attribute?: string;
}

const MANDATORY = ['C', 'ST', 'O'] as const;

/**
 * Reads an RFC 4514 name as a trusted identity has it: one attribute to each RDN, no attribute
 * twice, C, ST (or S) and O present. Types and values are compared in case.
 *
 * @see specifications trust-store-trust-policy.md "Trusted Identities Constraints"
 */
export function parseSubjectDn(
  text: string,
): DnProblem | { readonly attributes: SubjectAttributes } {
  if (text.includes('=#')) return { problem: 'hash' };
  const rdns = parseRdns(text);
  if (rdns === undefined) return { problem: 'malformed' };
  const attributes = new Map<string, string>();
  for (const rdn of rdns) {
    const [first, ...more] = rdn;
    if (first === undefined || more.length > 0) return { problem: 'multi-valued' };
    const type = first.type === 'S' ? 'ST' : first.type;
    // an empty value counts as absent, as in the reference
    if ((attributes.get(type) ?? '') !== '') return { problem: 'duplicate', attribute: type };
    attributes.set(type, first.value);
  }
  const missing = MANDATORY.find((type) => (attributes.get(type) ?? '') === '');
  return missing === undefined ? { attributes } : { problem: 'mandatory', attribute: missing };
}

/** What is wrong with a name, in words. */
export function dnProblemWords({ problem, attribute }: DnProblem): string {
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
