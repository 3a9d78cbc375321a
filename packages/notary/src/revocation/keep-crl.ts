import {
  type CertificateRevocationList,
  type CrlBundle,
  type CrlsJudgement,
  type CryptoOptions,
  type IssuedCertificate,
  judgeCrls,
} from '@nv2/x509';

/** Whose list it is, and by what it is judged. */
export interface BundleQuestion extends IssuedCertificate, CryptoOptions {}

/**
 * Whether a list that was fetched, and is usable now, may be kept as the last one of its service: it is
 * not older than what is kept already. Lists come over plain HTTP, and what is kept stands in for a
 * service that fails.
 */
export async function mayKeep(
  fetched: CrlBundle,
  kept: CrlBundle | undefined,
  question: BundleQuestion,
): Promise<boolean> {
  if (kept === undefined || !isOlder(fetched, kept)) return true;
  return (await judgeAtItsTime(kept, question)).usable.size === 0;
}

/** What a list said when it was new, expired or not. */
export function judgeAtItsTime(
  bundle: CrlBundle,
  question: BundleQuestion,
): Promise<CrlsJudgement> {
  const at = Math.max(bundle.base.thisUpdate, bundle.delta?.thisUpdate ?? 0);
  return judgeCrls({ ...question, at, bundles: [bundle] });
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
