import { type CryptoPort, counted, type Nv2Error } from '@nv2/core';
import {
  bundlesFor,
  type CertificateRevocationList,
  type CrlBundle,
  checkCrls,
  checkOcspResponse,
  findCrlEntries,
  formatNameGo,
  type IssuedCertificate,
  isAnswerAbout,
  isForGood,
  type OcspFinding,
  type OcspResponse,
  type RevocationFinding,
} from '@nv2/x509';
import { causeOf } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import type {
  CertificateStatus,
  OfflineAnswers,
  RevocationMethod,
  RevocationTime,
  UndecidedQuestion,
} from './finding.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { revokedByOldList, revokedByOldResponse } from './revoked-for-good.ts';

/** More answers of one kind about a certificate are not looked through; a list with a delta is one. */
const MAX_ABOUT = 256;

/** By what kept answers are judged. */
export interface OfflineContext extends OfflineAnswers {
  readonly kept: KeptAnswers;
  readonly crypto?: CryptoPort | undefined;
}

/** What one kept answer says of a certificate. */
interface Said {
  readonly method: RevocationMethod;
  readonly file: string;
  readonly finding: OcspFinding | RevocationFinding;
  /** Why a `good` does not count. */
  readonly doubt?: Nv2Error | undefined;
  /** Set where the issuer says something of the certificate that is not understood: it may be a revocation. */
  readonly isObscure?: boolean;
}

/**
 * The status of a certificate by kept answers, each verified as one that a service gave. One that says
 * revoked decides, also after it has expired; one that says on hold, while it is valid. Of those that say
 * good one must be valid and young enough, and none of the others may say what is not understood. A certificate that names no service cannot be revoked, unless
 * an answer says so all the same.
 *
 * @throws NotaryError `NOTARY_REVOCATION_OFFLINE_UNREADABLE` if there are too many answers about it
 */
export async function offlineStatus(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: OfflineContext,
): Promise<CertificateStatus> {
  const said = [
    ...(await byResponses(pair, when, context)),
    ...(await byLists(pair, when, context)),
  ];
  const isObscured = said.some(({ isObscure }) => isObscure);
  const decisive =
    said.find(({ finding }) => finding.status === 'revoked') ??
    said.find(({ finding, doubt }) => !isObscured && finding.status === 'good' && !doubt);
  if (decisive !== undefined && decisive.finding.status !== 'unknown') {
    const { method, file, finding } = decisive;
    return { status: finding.status, method, urls: [file], finding };
  }
  const { ocspResponders, crlDistributionPoints } = pair.certificate;
  // as where services are asked; an authority of the same name may have lists of others
  if (ocspResponders.length + crlDistributionPoints.length === 0) {
    return { status: 'not-revocable' };
  }
  if (said.length > 0) return { status: 'unknown', questions: said.flatMap(questionsOf) };
  const method = ocspResponders.length > 0 ? 'ocsp' : 'crl';
  const { directory } = context;
  return {
    status: 'unknown',
    questions: [{ method, url: directory, cause: causeOf(noAnswer(pair, context)) }],
  };
}

async function byResponses(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: OfflineContext,
): Promise<readonly Said[]> {
  const said: Said[] = [];
  const crypto = context.crypto ? { crypto: context.crypto } : {};
  const responses = context.kept.responsesAbout(pair.certificate);
  assertNotTooMany(responses, pair, context);
  for (const { file, answer } of responses) {
    if (!(await isAnswerAbout(answer, { ...pair, ...crypto }))) continue;
    const asked = question(pair, when, context);
    const current = await checkOcspResponse({ ...asked, response: answer });
    const finding =
      (current.status === 'unknown' ? await revokedByOldResponse(answer, asked) : undefined) ??
      current;
    const doubt =
      finding.status === 'good'
        ? (tooOld(finding.thisUpdate, when, { file, context }) ??
          (await doubtOf(finding, { file, pair, when, context })))
        : undefined;
    const isObscure = isNotUnderstood(finding) && revokesAny(answer);
    said.push({ method: 'ocsp', file, finding, doubt, isObscure });
  }
  return said;
}

/** RFC 6960 4.2.2.2.1: as of a responder that is asked, so of one whose answer is kept. */
async function doubtOf(
  { responder }: Extract<OcspFinding, { readonly responder: unknown }>,
  asked: {
    readonly file: string;
    readonly pair: IssuedCertificate;
    readonly when: RevocationTime;
    readonly context: OfflineContext;
  },
): Promise<Nv2Error | undefined> {
  if (responder.kind === 'issuer' || responder.noCheck) return undefined;
  const { file, pair, when, context } = asked;
  const { certificate } = responder;
  const said = await byLists({ certificate, issuer: pair.issuer }, { at: when.at }, context);
  const isRevoked = said.some(({ finding }) => finding.status === 'revoked');
  const isObscured = said.some(({ isObscure }) => isObscure);
  const isGood =
    !isObscured && said.some(({ finding, doubt }) => finding.status === 'good' && !doubt);
  if (!isRevoked && (isGood || certificate.crlDistributionPoints.length === 0)) return undefined;
  const problem = isRevoked
    ? 'that was revoked'
    : 'of which no kept CRL says whether it was revoked';
  return new NotaryError(
    'NOTARY_REVOCATION_SERVICE',
    `the answer in ${file} is by a responder ${problem}`,
    { data: { path: file, problem: 'responder' } },
  );
}

async function byLists(
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
    const current = await byBundles([bundle], { pair, when, context, lists });
    const { finding } = current;
    const old =
      finding.status === 'unknown'
        ? await revokedByOldList(bundle, question(pair, when, context))
        : undefined;
    judged.push({ bundle, said: old === undefined ? current : { ...current, finding: old } });
    const isPartial = finding.status === 'unknown' && finding.why.code === 'X509_CRL_REASONS';
    if (
      isPartial &&
      tooOld(updateOf(bundle), when, { file: current.file, context }) === undefined
    ) {
      partial.push(bundle);
    }
  }
  const said = judged.filter((one) => !isEndedHold(one, judged)).map((one) => one.said);
  // lists that are each about some reasons may be about all of them together
  if (partial.length > 1) said.push(await byBundles(partial, { pair, when, context, lists }));
  return said;
}

interface Judged {
  readonly bundle: CrlBundle;
  readonly said: Said;
}

/** Whether a base says on hold alone, and good with a delta: RFC 5280 5.3.1 removeFromCRL. */
function isEndedHold({ bundle, said }: Judged, judged: readonly Judged[]): boolean {
  if (bundle.delta !== undefined || said.finding.status !== 'revoked') return false;
  if (isForGood(said.finding)) return false;
  return judged.some(
    (other) =>
      other.bundle.base === bundle.base &&
      other.said.finding.status === 'good' &&
      other.said.doubt === undefined,
  );
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
  const isObscure = isNotUnderstood(finding) && bundles.some((bundle) => isListed(pair, bundle));
  return { method: 'crl', file, finding, doubt, isObscure };
}

function revokesAny({ basic }: OcspResponse): boolean {
  return basic?.responses.some(({ status }) => status.kind === 'revoked') ?? false;
}

function isListed({ certificate }: IssuedCertificate, { base, delta }: CrlBundle): boolean {
  const { serialNumber } = certificate;
  return [base, delta].some((crl) => crl && findCrlEntries(crl, serialNumber).length > 0);
}

function question(
  pair: IssuedCertificate,
  { at, signingTime }: RevocationTime,
  { crypto }: OfflineContext,
): IssuedCertificate & {
  readonly at: number;
  readonly signingTime?: number;
  readonly crypto?: CryptoPort;
} {
  return {
    ...pair,
    at,
    ...(signingTime !== undefined && { signingTime }),
    ...(crypto && { crypto }),
  };
}

// Base and delta are no younger together than the older of them.
function updateOf({ base, delta }: CrlBundle): number {
  return Math.min(base.thisUpdate, delta?.thisUpdate ?? base.thisUpdate);
}

function tooOld(
  thisUpdate: number,
  { at }: RevocationTime,
  { file, context }: { readonly file: string; readonly context: OfflineContext },
): NotaryError | undefined {
  const { maxAgeSeconds } = context;
  // put so that a time that is no number fails as well
  if (at - thisUpdate <= maxAgeSeconds * 1000) return undefined;
  const age = Math.ceil((at - thisUpdate) / 1000);
  return new NotaryError(
    'NOTARY_REVOCATION_OFFLINE_TOO_OLD',
    `the answer in ${file} is ${counted(age, 'second')} old, and the policy allows ${maxAgeSeconds}`,
    { data: { path: file, thisUpdate, maxAgeSeconds }, hint: 'put a newer one in its place' },
  );
}

function questionsOf({ method, file, finding, doubt }: Said): readonly UndecidedQuestion[] {
  const why = finding.status === 'unknown' ? finding.why : doubt;
  return why === undefined ? [] : [{ method, url: file, cause: causeOf(why) }];
}

/** Codes of what is signed by the issuer, or who may answer for it, and is not understood. */
const NOT_UNDERSTOOD: ReadonlySet<string> = new Set([
  'X509_CRL_EXTENSION',
  'X509_CRL_INDIRECT',
  'X509_OCSP_EXTENSION',
]);

function isNotUnderstood(finding: RevocationFinding | OcspFinding): boolean {
  return finding.status === 'unknown' && NOT_UNDERSTOOD.has(finding.why.code);
}

function noAnswer({ certificate }: IssuedCertificate, { directory }: OfflineContext): NotaryError {
  const subject = formatNameGo(certificate.subject);
  return new NotaryError(
    'NOTARY_REVOCATION_OFFLINE_MISSING',
    `no CRL or OCSP response in ${directory} is about "${subject}"`,
    { data: { path: directory, subject } },
  );
}

function assertNotTooMany(
  answers: readonly unknown[],
  { certificate }: IssuedCertificate,
  { directory }: OfflineContext,
): void {
  if (answers.length <= MAX_ABOUT) return;
  const subject = formatNameGo(certificate.subject);
  throw new NotaryError(
    'NOTARY_REVOCATION_OFFLINE_UNREADABLE',
    `${directory} has more than ${MAX_ABOUT} answers of one kind that may be about "${subject}"`,
    { data: { path: directory, subject }, hint: 'keep the newest answers alone' },
  );
}
