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
  return one.base.thisUpdate < other.base.thisUpdate || updateOf(one) < updateOf(other);
}

function updateOf({ base, delta }: CrlBundle): number {
  return (delta ?? base).thisUpdate;
}

// RFC 5280 5.2.3: base and delta are numbered in one sequence.
function isOlder(one: CrlBundle, other: CrlBundle): boolean {
  return (
    precedes(one.base, other.base) || precedes(one.delta ?? one.base, other.delta ?? other.base)
  );
}

function precedes(one: CertificateRevocationList, other: CertificateRevocationList): boolean {
  if (one.thisUpdate < other.thisUpdate) return true;
  const { crlNumber } = other;
  return one.crlNumber !== undefined && crlNumber !== undefined && one.crlNumber < crlNumber;
}
