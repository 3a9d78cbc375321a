import type { Updates } from './believe.ts';
import type { CrlEntry } from './crl-entries.ts';
import { type GoodFinding, isPassing, type RevokedFinding } from './finding.ts';

interface JudgementContext extends Updates {
  readonly signingTime: number | undefined;
}

/**
 * What the entries of base and delta for one certificate mean together, in the order of the lists.
 * An entry whose key was still sound when it signed (invalidity date after the signing) does not
 * count. Any other reason than a hold or its end is for good. Of holds and their ends the latest by
 * revocation date decides, and of the same date the first.
 */
export function judgeEntries(
  entries: readonly CrlEntry[],
  context: JudgementContext,
): GoodFinding | RevokedFinding {
  const { thisUpdate, nextUpdate, signingTime = Number.POSITIVE_INFINITY } = context;
  const counts = ({ invalidityDate }: CrlEntry): boolean =>
    invalidityDate === undefined || !(signingTime < invalidityDate);
  const counting = entries.filter(counts);
  const final = counting.find((entry) => !isPassing(entry));
  const [first, ...later] = counting.filter(isPassing);
  const latest = later.reduce((a, b) => (b.revokedAt > (a?.revokedAt ?? 0) ? b : a), first);
  const decisive = final ?? latest;
  if (decisive !== undefined && decisive.reason !== 'removeFromCRL')
    return { status: 'revoked', ...decisive, thisUpdate, nextUpdate };
  // the certificate is revoked, but not for what it signed before
  const excused = decisive === undefined ? entries.find((entry) => !counts(entry)) : undefined;
  const invalidityDate = excused?.invalidityDate;
  const good: GoodFinding = { status: 'good', thisUpdate, nextUpdate };
  return invalidityDate === undefined ? good : { ...good, invalidityDate };
}
