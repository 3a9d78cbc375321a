import {
  bundlesFor,
  type CertificateRevocationList,
  type CrlBundle,
  checkCrls,
  type IssuedCertificate,
  isForGood,
} from '@nv2/x509';
import type { RevocationTime } from './finding.ts';
import {
  assertNotTooMany,
  isGood,
  isRevocation,
  type OfflineContext,
  question,
  revocation,
  type Said,
  tooOld,
} from './offline-said.ts';
import { type Revocation, revocationByList } from './revoked-for-good.ts';

/** What kept CRLs say of a certificate, with their deltas, together and each by itself. */
export async function byLists(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: OfflineContext,
): Promise<readonly Said[]> {
  const ofIssuer = context.kept.listsOf(pair.issuer);
  assertNotTooMany(ofIssuer, pair, context);
  const lists = new Map(ofIssuer.map(({ answer, file }) => [answer, file]));
  const bundles = bundlesFor(lists.keys(), pair);
  assertNotTooMany(bundles, pair, context);
  const judged: Judged[] = [];
  const partial: CrlBundle[] = [];
  for (const bundle of bundles) {
    const said = await byBundles([bundle], { pair, when, context, lists });
    const { file, finding } = said;
    judged.push({ bundle, said });
    const isPartial = finding.status === 'unknown' && finding.why.code === 'X509_CRL_REASONS';
    if (isPartial && tooOld(updateOf(bundle), when, { file, context }) === undefined) {
      partial.push(bundle);
    }
  }
  const said = judged
    .filter(({ bundle, said }) => bundle.delta !== undefined || !isRevocation(said))
    .map((one) => one.said);
  // lists that are each about some reasons may be about all of them together
  if (partial.length > 1) said.push(await byBundles(partial, { pair, when, context, lists }));
  // each by itself, also one that no bundle has: a delta whose base is not kept, a list of another scope
  for (const { answer, file } of ofIssuer) {
    const finding = await revocationByList(answer, question(pair, when, context));
    if (finding === undefined || isEndedHold(answer, finding, judged)) continue;
    said.push(revocation('crl', file, finding));
  }
  return said;
}

interface Judged {
  readonly bundle: CrlBundle;
  readonly said: Said;
}

/** Whether a base says on hold, and good with a delta: RFC 5280 5.3.1 removeFromCRL. */
function isEndedHold(
  list: CertificateRevocationList,
  finding: Revocation,
  judged: readonly Judged[],
): boolean {
  if (finding.status !== 'revoked' || isForGood(finding)) return false;
  return judged.some(({ bundle, said }) => bundle.base === list && isGood(said));
}

async function byBundles(
  bundles: readonly CrlBundle[],
  by: {
    readonly pair: IssuedCertificate;
    readonly when: RevocationTime;
    readonly context: OfflineContext;
    readonly lists: ReadonlyMap<CertificateRevocationList, string>;
  },
): Promise<Said> {
  const { pair, when, context, lists } = by;
  const finding = await checkCrls({ ...question(pair, when, context), bundles });
  const file = bundles.map(({ base, delta }) => lists.get(delta ?? base)).join(', ');
  const doubt =
    finding.status === 'good'
      ? tooOld(Math.min(...bundles.map(updateOf)), when, { file, context })
      : undefined;
  return { method: 'crl', file, finding, doubt };
}

// Base and delta are no younger together than the older of them.
function updateOf({ base, delta }: CrlBundle): number {
  return Math.min(base.thisUpdate, delta?.thisUpdate ?? base.thisUpdate);
}
