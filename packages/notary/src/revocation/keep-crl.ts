import {
  type CertificateRevocationList,
  type CrlBundle,
  type CryptoOptions,
  checkCrls,
  type IssuedCertificate,
  type RevocationFinding,
} from '@nv2/x509';

/** Whose list it is, and by what it is judged. */
export interface BundleQuestion extends IssuedCertificate, CryptoOptions {}

/**
 * Whether a list that was fetched may be kept as the last one of its service: it is to be believed by
 * itself at that time (milliseconds since the epoch), and is not older than what is kept already. Lists
 * come over plain HTTP, and what is kept stands in for a service that fails.
 */
export async function mayKeep(
  fetched: CrlBundle,
  kept: CrlBundle | undefined,
  { at, ...question }: BundleQuestion & { readonly at: number },
): Promise<boolean> {
  const finding = await checkCrls({ ...question, at, bundles: [fetched] });
  if (!isBelieved(finding)) return false;
  if (kept === undefined || !isOlder(fetched, kept)) return true;
  return !isBelieved(await checkAtItsTime(kept, question));
}

/** What a list said when it was new, expired or not. */
export function checkAtItsTime(
  bundle: CrlBundle,
  question: BundleQuestion,
): Promise<RevocationFinding> {
  const at = Math.max(bundle.base.thisUpdate, bundle.delta?.thisUpdate ?? 0);
  return checkCrls({ ...question, at, bundles: [bundle] });
}

// One about some reasons only is sound, and decides together with others.
function isBelieved(finding: RevocationFinding): boolean {
  return finding.status !== 'unknown' || finding.why.code === 'X509_CRL_REASONS';
}

/** Whether a list, or its delta, was issued before the other, whatever its number. */
export function isEarlier(one: CrlBundle, other: CrlBundle): boolean {
  return (
    one.base.thisUpdate < other.base.thisUpdate || newest(one).thisUpdate < newest(other).thisUpdate
  );
}

// RFC 5280 5.2.3: base and delta are numbered in one sequence.
function isOlder(one: CrlBundle, other: CrlBundle): boolean {
  return (
    isEarlier(one, other) ||
    hasLowerNumber(one.base, other.base) ||
    hasLowerNumber(newest(one), newest(other))
  );
}

function newest({ base, delta }: CrlBundle): CertificateRevocationList {
  return delta ?? base;
}

function hasLowerNumber(one: CertificateRevocationList, other: CertificateRevocationList): boolean {
  const [ours, theirs] = [one.crlNumber, other.crlNumber];
  return ours !== undefined && theirs !== undefined && ours < theirs;
}
