import { quoted } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import type { GeneralName } from './general-name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { canonicalRdns, formOf, type NameForm } from './name-forms.ts';
import { ATTRIBUTE } from './oids.ts';

/** How many names may still be compared with subtrees; whoever made the chain chose both. */
export interface ComparisonBudget {
  left: number;
}

/** As many as Go's crypto/x509 makes for one chain; those in use need a few dozen. */
export const MAX_NAME_COMPARISONS = 250_000;

/** A name of a certificate, and what it is compared by, which is found out once and when needed. */
export interface CandidateName {
  readonly name: GeneralName;
  readonly form: () => NameForm;
}

/**
 * Why a CA with these constraints may not certify a certificate with these names, or undefined if it
 * may (RFC 5280 4.2.1.10, and 6.1.3 (b) and (c) for one CA). A name of a form that is constrained,
 * but that cannot be compared, may not be certified.
 */
export function nameConstraintViolation(
  { permitted, excluded }: NameConstraints,
  names: readonly CandidateName[],
  budget: ComparisonBudget,
): string | undefined {
  budget.left -= names.length * (permitted.length + excluded.length);
  if (budget.left < 0) return `needs more than ${MAX_NAME_COMPARISONS} comparisons of names`;
  const allowed = permitted.map(subtreeOf);
  const barred = excluded.map(subtreeOf);
  for (const { name, form: formOfName } of names) {
    const against = barred.filter((subtree) => subtree.isOfForm(name));
    const own = allowed.filter((subtree) => subtree.isOfForm(name));
    // a long name is dear to bring into its form, and most are of one that nobody constrains
    if (against.length === 0 && own.length === 0) continue;
    const form = formOfName();
    if (against.some((subtree) => subtree.bars(form)))
      return `${describe(name)} is excluded by a CA above`;
    if (own.length > 0 && !own.some((subtree) => subtree.holds(form)))
      return `${describe(name)} is not among the names that a CA above may certify`;
  }
  return undefined;
}

/** The names of a certificate that constraints are about. */
export function candidateNames(certificate: Certificate): readonly CandidateName[] {
  return namesOf(certificate).map((name) => {
    let form: NameForm | undefined;
    return {
      name,
      form: () => {
        form ??= formOf(name);
        return form;
      },
    };
  });
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

/** A subtree, made ready to compare many names with. */
interface Subtree {
  readonly isOfForm: (name: GeneralName) => boolean;
  /** Whether a name is surely within. */
  readonly holds: (form: NameForm) => boolean;
  /** Whether a name is, or might be, within. */
  readonly bars: (form: NameForm) => boolean;
}

function subtreeOf(base: GeneralName): Subtree {
  const isOfForm = (name: GeneralName): boolean =>
    base.kind === 'other'
      ? name.kind === 'other' && name.tag === base.tag
      : base.kind === name.kind;
  const holds = matcherOf(base);
  const bars = (form: NameForm): boolean =>
    form.kind === 'unknown' || holds(form) || wildcardReaches(form, base);
  return { isOfForm, holds, bars };
}

function matcherOf(base: GeneralName): (form: NameForm) => boolean {
  switch (base.kind) {
    case 'dns': {
      const bound = base.value.toLowerCase();
      return (form) => form.kind === 'dns' && isWithinDomain(form.domain, bound);
    }
    case 'uri': {
      const bound = base.value.toLowerCase();
      return (form) => form.kind === 'uri' && isWithinHost(form.domain, bound);
    }
    case 'email':
      return mailMatcher(base.value);
    case 'directory': {
      // the relative names of the base stand at the front
      const front = canonicalRdns(base.name);
      return (form) => form.kind === 'directory' && front.every((rdn, i) => rdn === form.rdns[i]);
    }
    case 'ip':
      return (form) => form.kind === 'ip' && isWithinNetwork(form.octets, base.value);
    case 'other':
      return () => false;
  }
}

/** One mailbox, the mailboxes of one host, or with a leading dot of the hosts below a domain. */
function mailMatcher(base: string): (form: NameForm) => boolean {
  const at = base.lastIndexOf('@');
  const local = base.slice(0, Math.max(at, 0));
  const bound = base.slice(at + 1).toLowerCase();
  return (form) =>
    form.kind === 'email' &&
    (at < 0 ? isWithinHost(form.domain, bound) : form.local === local && form.domain === bound);
}

/** The domain itself and what is below it; a leading dot leaves only what is below. */
function isWithinDomain(domain: string, bound: string): boolean {
  if (bound === '') return true;
  return bound.startsWith('.')
    ? domain.endsWith(bound)
    : domain === bound || domain.endsWith(`.${bound}`);
}

/** One host, or with a leading dot the hosts below a domain; nothing at all stands for every host. */
function isWithinHost(domain: string, bound: string): boolean {
  return bound === '' || (bound.startsWith('.') ? domain.endsWith(bound) : domain === bound);
}

/** `*.example.com` is a name for `foo.example.com` too. */
function wildcardReaches(form: NameForm, base: GeneralName): boolean {
  if (form.kind !== 'dns' || base.kind !== 'dns' || !form.domain.startsWith('*.')) return false;
  const [first = '', ...above] = base.value.toLowerCase().split('.');
  return first !== '' && above.join('.') === form.domain.slice(2);
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
      return `the ${name.kind} name ${quoted(name.value)}`;
    case 'directory':
      return 'the subject or a directory name';
    case 'ip':
      return 'an IP address';
    case 'other':
      return 'a name of a form that is not understood';
  }
}
