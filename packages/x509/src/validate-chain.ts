import { defaultCrypto, equalBytes, Nv2Error } from '@nv2/core';
import type { Certificate } from './certificate.ts';
import {
  assertFits,
  assertNoUnknownCritical,
  type CertificateRole,
  type ChainMember,
  refuse,
} from './chain-requirements.ts';
import { X509Error } from './errors.ts';
import { formatNameGo } from './name-format.ts';
import {
  type ComparisonBudget,
  candidateNames,
  MAX_NAME_COMPARISONS,
  nameConstraintViolation,
} from './name-subtrees.ts';
import { proveOnce } from './proven-chains.ts';
import { assertSignedBy, type CryptoOptions, isSelfIssued } from './signature.ts';

declare const validated: unique symbol;

/**
 * Proof, made by {@link validateCodeSigningChain} and its like for timestamps alone, that a chain is
 * complete and ordered and that every certificate of it obeys the Notary Project's rules. It is not trust: whether its root
 * is trusted is for the caller to decide.
 */
export interface ValidatedChain {
  /** Leaf first, self-signed root last; a self-signed leaf stands alone. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly leaf: Certificate;
  readonly [validated]: true;
}

/** Options of {@link validateCodeSigningChain}. */
export interface ValidateChainOptions extends CryptoOptions {
  /** Milliseconds since the epoch; validity is checked only where it is given. */
  readonly at?: number | undefined;
}

/** Chains in use have two to four certificates; each costs a signature verification. */
export const MAX_CHAIN_CERTIFICATES = 16;

/**
 * Validates a chain for code signing (Notary signature-specification.md "Certificate Chain" and
 * "Certificate Requirements"; RFC 5280 6.1). After return each certificate is issued by the next,
 * the last one by itself, their signatures hold, all were valid at `at` if that was given, the leaf
 * is a signing certificate with a supported key, the others are CAs that may issue what is below.
 *
 * @throws X509Error any of the codes `X509_CHAIN_*`, `X509_SIGNATURE_INVALID`,
 *   `X509_ALGORITHM_UNSUPPORTED`, `X509_KEY_UNSUPPORTED`, `X509_NOT_YET_VALID`, `X509_EXPIRED`,
 *   `X509_KEY_USAGE`, `X509_EXTENDED_KEY_USAGE`, `X509_BASIC_CONSTRAINTS`, `X509_PATH_LENGTH`,
 *   `X509_NAME_CONSTRAINTS`, `X509_CRITICAL_EXTENSION`; data `index` (0 is the leaf), `subject`,
 *   and `notBefore`, `notAfter`, `at` where it is about validity;
 *   `X509_TIME_INVALID` for an `at` that is no time
 */
export function validateCodeSigningChain(
  chain: readonly Certificate[],
  options: ValidateChainOptions = {},
): Promise<ValidatedChain> {
  return validateChain(chain, CODE_SIGNING, options);
}

/** What the certificates of a chain are there for, by its purpose. */
interface ChainRoles {
  readonly leaf: CertificateRole;
  readonly authority: CertificateRole;
}

const CODE_SIGNING: ChainRoles = { leaf: 'signer', authority: 'authority' };

const TIMESTAMPING: ChainRoles = { leaf: 'timestampSigner', authority: 'timestampAuthority' };

/**
 * As {@link validateCodeSigningChain}, for the chain of a timestamp authority (RFC 3161 2.3): the
 * leaf is for timestamps and nothing else.
 */
export function validateTimestampingChain(
  chain: readonly Certificate[],
  options: ValidateChainOptions = {},
): Promise<ValidatedChain> {
  return validateChain(chain, TIMESTAMPING, options);
}

async function validateChain(
  chain: readonly Certificate[],
  roles: ChainRoles,
  options: ValidateChainOptions,
): Promise<ValidatedChain> {
  const [leaf, ...issuers] = chain;
  if (leaf === undefined)
    throw new X509Error('X509_CHAIN_EMPTY', 'certificate chain is empty, expected a certificate');
  if (chain.length > MAX_CHAIN_CERTIFICATES)
    throw new X509Error(
      'X509_CHAIN_TOO_LONG',
      `certificate chain has ${chain.length} certificates, expected at most ${MAX_CHAIN_CERTIFICATES}`,
    );
  const members = chain.map((certificate, index): ChainMember => ({ certificate, index }));
  const budget: ComparisonBudget = { left: MAX_NAME_COMPARISONS };
  // what costs nothing comes before what costs a signature verification
  assertOrdered(members);
  for (const member of members) {
    assertValidAt(member, options.at);
    assertNoUnknownCritical(member);
    if (member.index === 0) assertFits(member, roles.leaf, 0);
    else assertFits(member, roles.authority, authoritiesBelow(member));
    assertNamesPermitted(member, issuers, budget);
  }
  const crypto = options.crypto ?? defaultCrypto;
  await proveOnce(chain, crypto, async () => {
    for (const member of members) await assertIssued(member, { chain, options });
  });
  return { certificates: [leaf, ...issuers], leaf } as unknown as ValidatedChain;
}

/** RFC 5280 6.1.3 (a) (4): each subject is the issuer of the certificate before. */
function assertOrdered(members: readonly ChainMember[]): void {
  for (const member of members) {
    const { certificate, index } = member;
    const issuer = members[index + 1]?.certificate;
    if (issuer === undefined) {
      if (!isSelfIssued(certificate))
        refuse(
          member,
          'X509_CHAIN_INCOMPLETE',
          'the chain must end with a self-signed certificate, and this one names another issuer',
        );
    } else if (!equalBytes(certificate.issuer.der, issuer.subject.der))
      refuse(
        member,
        'X509_CHAIN_ORDER',
        `its issuer is "${formatNameGo(certificate.issuer)}", and "${formatNameGo(issuer.subject)}" comes next`,
      );
    // RFC 5280 6.1
    const isTwice = members.some(
      (other) => other.index > index && equalBytes(other.certificate.der, certificate.der),
    );
    if (isTwice) refuse(member, 'X509_CHAIN_ORDER', 'the same certificate comes again');
  }
}

/** RFC 5280 6.1.3 (a) (2). */
function assertValidAt(member: ChainMember, at: number | undefined): void {
  if (at === undefined) return;
  const { notBefore, notAfter } = member.certificate;
  // a time that is none is neither before nor after anything
  if (Number.isNaN(new Date(at).getTime()))
    throw new X509Error('X509_TIME_INVALID', `expected a time in milliseconds, got ${at}`);
  if (at >= notBefore && at <= notAfter) return;
  const code = at < notBefore ? 'X509_NOT_YET_VALID' : 'X509_EXPIRED';
  const validity = `valid from ${isoTime(notBefore)} to ${isoTime(notAfter)}`;
  refuse(member, code, `${validity}, not at ${isoTime(at)}`, { notBefore, notAfter, at });
}

/**
 * CA certificates between this one and the leaf. Self-issued ones count as well: the Notary
 * Project's reference counts them, which is stricter than RFC 5280 6.1.4 (l).
 */
function authoritiesBelow({ index }: ChainMember): number {
  return index - 1;
}

/** RFC 5280 6.1.3 (b), (c): by every CA above; self-issued CA certificates are exempt. */
function assertNamesPermitted(
  member: ChainMember,
  issuers: readonly Certificate[],
  budget: ComparisonBudget,
): void {
  const { certificate, index } = member;
  if (index > 0 && isSelfIssued(certificate)) return;
  const names = candidateNames(certificate);
  for (const { nameConstraints } of issuers.slice(index)) {
    if (nameConstraints === undefined) continue;
    const violation = nameConstraintViolation(nameConstraints, names, budget);
    if (violation !== undefined) refuse(member, 'X509_NAME_CONSTRAINTS', violation);
  }
}

interface IssueContext {
  readonly chain: readonly Certificate[];
  readonly options: CryptoOptions;
}

/** RFC 5280 6.1.3 (a) (1), and that no certificate but the last is self-signed. */
async function assertIssued(member: ChainMember, context: IssueContext): Promise<void> {
  const { certificate, index } = member;
  const { chain, options } = context;
  const issuer = chain[index + 1];
  if (issuer !== undefined && (await isSelfSigned(certificate, options)))
    refuse(member, 'X509_CHAIN_ORDER', 'only the last certificate of a chain may be self-signed');
  try {
    await assertSignedBy(certificate, issuer ?? certificate, options);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new X509Error(cause.code, `certificate ${index} of the chain: ${cause.message}`, {
      cause,
      data: { ...cause.data, index, subject: formatNameGo(certificate.subject) },
    });
  }
}

async function isSelfSigned(certificate: Certificate, options: CryptoOptions): Promise<boolean> {
  if (!isSelfIssued(certificate)) return false;
  try {
    await assertSignedBy(certificate, certificate, options);
    return true;
  } catch (cause) {
    if (cause instanceof Nv2Error && cause.kind !== 'internal') return false;
    throw cause;
  }
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
