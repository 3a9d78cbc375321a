import { equalBytes } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import type { GeneralName } from './general-name.ts';
import type { AttributeTypeAndValue, Name, RelativeDistinguishedName } from './name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { ATTRIBUTE } from './oids.ts';

/**
 * Why a CA with these constraints may not certify the names of `certificate`, or undefined if it
 * may (RFC 5280 4.2.1.10, and 6.1.3 (b) and (c) for one CA).
 */
export function nameConstraintViolation(
  constraints: NameConstraints,
  certificate: Certificate,
): string | undefined {
  for (const name of namesOf(certificate)) {
    // RFC 5280 4.2.1.10: a form of name that cannot be processed is refused where it is constrained
    if (constraints.excluded.some((base) => sameForm(base, name) && isWithin(name, base, true)))
      return `${describe(name)} is excluded by a CA above`;
    const permitted = constraints.permitted.filter((base) => sameForm(base, name));
    if (permitted.length > 0 && !permitted.some((base) => isWithin(name, base, false)))
      return `${describe(name)} is not among the names that a CA above may certify`;
  }
  return undefined;
}

/** The subject (if any), its e-mail addresses, and the alternative names. */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject, subjectAltNames = [] } = certificate;
  const names: GeneralName[] = [...subjectAltNames];
  if (subject.rdns.length > 0) names.push({ kind: 'directory', name: subject });
  // RFC 5280 4.2.1.10: addresses in the subject count where there are none among the alternatives
  if (!subjectAltNames.some(({ kind }) => kind === 'email'))
    for (const { type, value } of subject.rdns.flat())
      if (type === ATTRIBUTE.emailAddress) names.push({ kind: 'email', value });
  return names;
}

function sameForm(base: GeneralName, name: GeneralName): boolean {
  if (base.kind === 'other') return name.kind === 'other' && name.tag === base.tag;
  return base.kind === name.kind;
}

/** Whether a name is within a subtree of its own form; `unknown` is the answer where none is known. */
function isWithin(name: GeneralName, base: GeneralName, unknown: boolean): boolean {
  if (name.kind === 'directory' && base.kind === 'directory')
    return isWithinDirectory(name.name, base.name);
  if (name.kind === 'dns' && base.kind === 'dns') return isWithinDomain(name.value, base.value);
  if (name.kind === 'email' && base.kind === 'email') return isWithinMail(name.value, base.value);
  if (name.kind === 'uri' && base.kind === 'uri') {
    const host = URL.parse(name.value)?.hostname;
    return host === undefined || host === '' ? unknown : isWithinHost(host, base.value);
  }
  if (name.kind === 'ip' && base.kind === 'ip') return isWithinNetwork(name.value, base.value);
  return unknown;
}

/** The relative names of the base stand at the front. */
function isWithinDirectory(name: Name, base: Name): boolean {
  return base.rdns.every((rdn, i) => {
    const other = name.rdns[i];
    return other !== undefined && sameRdn(rdn, other);
  });
}

function sameRdn(a: RelativeDistinguishedName, b: RelativeDistinguishedName): boolean {
  return a.length === b.length && a.every((one) => b.some((other) => sameAttribute(one, other)));
}

/** RFC 5280 7.1: letters of either case and runs of spaces are alike. */
function sameAttribute(a: AttributeTypeAndValue, b: AttributeTypeAndValue): boolean {
  return a.type === b.type && (equalBytes(a.der, b.der) || folded(a.value) === folded(b.value));
}

function folded(value: string): string {
  return value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

/** The domain itself and what is below it; a leading dot leaves only what is below. */
function isWithinDomain(name: string, base: string): boolean {
  const domain = base.toLowerCase();
  const host = name.toLowerCase().replace(/\.$/, '');
  if (domain === '') return true;
  return domain.startsWith('.')
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`);
}

/** One host, or with a leading dot the hosts below a domain. */
function isWithinHost(name: string, base: string): boolean {
  const host = name.toLowerCase().replace(/\.$/, '');
  const bound = base.toLowerCase();
  return bound.startsWith('.') ? host.endsWith(bound) : host === bound;
}

/** One mailbox, the mailboxes of one host, or with a leading dot of the hosts below a domain. */
function isWithinMail(name: string, base: string): boolean {
  const at = name.lastIndexOf('@');
  const host = name.slice(at + 1);
  const baseAt = base.lastIndexOf('@');
  if (baseAt < 0) return isWithinHost(host, base);
  return name.slice(0, at) === base.slice(0, baseAt) && isWithinHost(host, base.slice(baseAt + 1));
}

function isWithinNetwork(address: Uint8Array, network: Uint8Array): boolean {
  const width = network.length / 2;
  if (address.length !== width) return false;
  return address.every((byte, i) => ((byte ^ (network[i] ?? 0)) & (network[width + i] ?? 0)) === 0);
}

function describe(name: GeneralName): string {
  switch (name.kind) {
    case 'email':
    case 'dns':
    case 'uri':
      return `the ${name.kind} name ${JSON.stringify(name.value)}`;
    case 'directory':
      return 'the subject or a directory name';
    case 'ip':
      return 'an IP address';
    case 'other':
      return 'a name of a form that is not understood';
  }
}
