import type { Nv2Error } from '@nv2/core';
import {
  checkOcspResponse,
  formatNameGo,
  type IssuedCertificate,
  isAnswerAbout,
  type OcspFinding,
} from '@nv2/x509';
import { causeOf } from '../cause.ts';
import { NotaryError } from '../errors.ts';
import type { CertificateStatus, RevocationTime, UndecidedQuestion } from './finding.ts';
import { byLists } from './offline-lists.ts';
import {
  assertNotTooMany,
  isGood,
  isObscure,
  isRevocation,
  type OfflineContext,
  question,
  revocation,
  type Said,
  tooOld,
} from './offline-said.ts';
import { revocationByResponse } from './revoked-for-good.ts';

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
