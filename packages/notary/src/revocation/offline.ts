import { type CryptoPort, counted, type Nv2Error } from '@nv2/core';
import {
  bundlesFor,
  type CertificateRevocationList,
  type CrlBundle,
  checkCrls,
  checkOcspResponse,
  formatNameGo,
  type IssuedCertificate,
  isAnswerAbout,
  isForGood,
  type OcspFinding,
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
import { type Revocation, revocationByList, revocationByResponse } from './revoked-for-good.ts';

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
  /** Set where it may be a revocation, and is not understood. */
  readonly isObscure?: boolean;
}

/**
 * The status of a certificate by kept answers, each verified as one that a service gave. One that says
 * revoked decides, also after it has expired; one that says on hold, while it is valid. Of those that say
 * good one must be valid and young enough, and no other may revoke it and not be understood. A
 * certificate that names no service cannot be revoked, unless an answer says or may say so all the same.
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
  const isObscured = said.some(isObscure);
  const decisive = said.find(isRevocation) ?? (isObscured ? undefined : said.find(isGood));
  if (decisive !== undefined && decisive.finding.status !== 'unknown') {
    const { method, file, finding } = decisive;
    return { status: finding.status, method, urls: [file], finding };
  }
  const { ocspResponders, crlDistributionPoints } = pair.certificate;
  // as where services are asked; an authority of the same name may have lists of others
  if (!isObscured && ocspResponders.length + crlDistributionPoints.length === 0) {
    return { status: 'not-revocable' };
  }
  if (said.length > 0) return { status: 'unknown', questions: questionsOf(said) };
  const method = ocspResponders.length > 0 ? 'ocsp' : 'crl';
  const { directory } = context;
  return {
    status: 'unknown',
    questions: [{ method, url: directory, cause: causeOf(noAnswer(pair, context)) }],
  };
}

function isRevocation({ finding }: Said): boolean {
  return finding.status === 'revoked';
}

function isGood({ finding, doubt }: Said): boolean {
  return finding.status === 'good' && doubt === undefined;
}

function isObscure(said: Said): boolean {
  return said.isObscure === true;
}

async function byResponses(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: OfflineContext,
): Promise<readonly Said[]> {
  const said: Said[] = [...(await revocationsByResponses(pair, when, context))];
  const asked = question(pair, when, context);
  for (const { file, answer } of context.kept.responsesAbout(pair.certificate)) {
    if (!(await isAnswerAbout(answer, asked))) continue;
    const finding = await checkOcspResponse({ ...asked, response: answer });
    const doubt =
      finding.status === 'good'
        ? (tooOld(finding.thisUpdate, when, { file, context }) ??
          (await doubtOf(finding, { file, pair, when, context })))
        : undefined;
    said.push({ method: 'ocsp', file, finding, doubt });
  }
  return said;
}

async function revocationsByResponses(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: OfflineContext,
): Promise<readonly Said[]> {
  const responses = context.kept.responsesAbout(pair.certificate);
  assertNotTooMany(responses, pair, context);
  const said: Said[] = [];
  for (const { file, answer } of responses) {
    const finding = await revocationByResponse(answer, question(pair, when, context));
    if (finding !== undefined) said.push(revocation('ocsp', file, finding));
  }
  return said;
}

function revocation(method: RevocationMethod, file: string, finding: Revocation): Said {
  return { method, file, finding, isObscure: finding.status === 'unknown' };
}

/**
 * RFC 6960 4.2.2.2.1: as of a responder that is asked, so of one whose answer is kept. That its issuer
 * says not to check it does not make a revocation that is kept untrue.
 */
async function doubtOf(
  { responder }: Extract<OcspFinding, { readonly responder: unknown }>,
  asked: {
    readonly file: string;
    readonly pair: IssuedCertificate;
    readonly when: RevocationTime;
    readonly context: OfflineContext;
  },
): Promise<Nv2Error | undefined> {
  if (responder.kind === 'issuer') return undefined;
  const { file, pair, when, context } = asked;
  const { certificate, noCheck } = responder;
  const own = { certificate, issuer: pair.issuer };
  const said = [
    ...(await revocationsByResponses(own, { at: when.at }, context)),
    ...(await byLists(own, { at: when.at }, context)),
  ];
  const isRevoked = said.some(isRevocation);
  const isObscured = said.some(isObscure);
  const needsCrl = !noCheck && certificate.crlDistributionPoints.length > 0;
  if (!isRevoked && !isObscured && (!needsCrl || said.some(isGood))) return undefined;
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

function questionsOf(said: readonly Said[]): readonly UndecidedQuestion[] {
  const questions = said.flatMap(({ method, file, finding, doubt }) => {
    const why = finding.status === 'unknown' ? finding.why : doubt;
    return why === undefined ? [] : [{ method, url: file, cause: causeOf(why) }];
  });
  // an answer is asked for a revocation, and for what it says at all
  return [...new Map(questions.map((one) => [`${one.url} ${one.cause.message}`, one])).values()];
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
