import type { GeneralName } from './general-name.ts';
import type { Name } from './name.ts';

/** A mailbox, RFC 5321 4.1.2. */
export interface Mailbox {
  readonly local: string;
  /** In lower case. */
  readonly domain: string;
}

/** What a name is compared by, or that it is of no form that can be compared. */
export type NameForm =
  /** The host of a URI, or a DNS name; in lower case. */
  | { readonly kind: 'dns' | 'uri'; readonly domain: string }
  | ({ readonly kind: 'email' } & Mailbox)
  /** A text for each relative name; equal texts are equal names (RFC 5280 7.1). */
  | { readonly kind: 'directory'; readonly rdns: readonly string[] }
  | { readonly kind: 'ip'; readonly octets: Uint8Array }
  | { readonly kind: 'unknown' };

const UNKNOWN: NameForm = { kind: 'unknown' };

/** A label as hosts in use have them: RFC 1123 2.1, and the underscore. */
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const MAX_DOMAIN_LENGTH = 253;

/** RFC 5322 3.2.3 dot-atom; quoted local parts have more than one spelling and are not compared. */
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);

/** RFC 3986 3.2, a scheme with an authority: the host is what is neither user nor port. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:[\]]*)(?::[0-9]*)?(?:[/?#]|$)/i;

/** The form of a name in a certificate. A wildcard is left where it is. */
export function formOf(name: GeneralName): NameForm {
  switch (name.kind) {
    case 'dns': {
      const domain = name.value.toLowerCase();
      return isDomain(domain.replace(/^\*\./, '')) ? { kind: 'dns', domain } : UNKNOWN;
    }
    case 'uri': {
      const domain = hostOf(name.value);
      return domain === undefined ? UNKNOWN : { kind: 'uri', domain };
    }
    case 'email': {
      const mailbox = mailboxOf(name.value);
      return mailbox === undefined ? UNKNOWN : { kind: 'email', ...mailbox };
    }
    case 'directory':
      return { kind: 'directory', rdns: canonicalRdns(name.name) };
    case 'ip':
      return { kind: 'ip', octets: name.value };
    case 'other':
      return UNKNOWN;
  }
}

/** Whether a text is a domain name in lower case, without a dot at its end. */
export function isDomain(text: string): boolean {
  return text.length <= MAX_DOMAIN_LENGTH && DOMAIN.test(text);
}

/** Whether a text is an IPv4 address to some reader: its last label is a number. */
export function isNumericHost(domain: string): boolean {
  return /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(domain);
}

/** The mailbox that a text is; undefined if it is none, or none that can be compared. */
export function mailboxOf(text: string): Mailbox | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1).toLowerCase();
  return LOCAL_PART.test(local) && isDomain(domain) ? { local, domain } : undefined;
}

/**
 * RFC 5280 4.2.1.10: a URI without a host that is a domain name cannot be held to constraints. That
 * it is a URI was seen to when its certificate was read.
 */
function hostOf(uri: string): string | undefined {
  const domain = AUTHORITY.exec(uri)?.[1]?.toLowerCase();
  return domain !== undefined && isDomain(domain) && !isNumericHost(domain) ? domain : undefined;
}

/** RFC 5280 7.1: letters of either case and runs of spaces are alike. */
export function canonicalRdns({ rdns }: Name): readonly string[] {
  return rdns.map((rdn) =>
    rdn
      .map(({ type, value }) => `${type}=${JSON.stringify(folded(value))}`)
      .sort()
      .join('+'),
  );
}

function folded(value: string): string {
  return value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}
