import {
  type CheckCrlsOptions,
  type CrlBundle,
  type CrlsJudgement,
  type IssuedCertificate,
  isForGood,
  judgeCrls,
  type RevocationFinding,
} from '@nv2/x509';
import { type AskContext, MAX_SERVICES, notAsked, undecidedBy } from './ask-context.ts';
import type { CrlCache } from './crl-cache.ts';
import { bundleOf, type CrlContext, decodeBundle, type HadBundle } from './fetch-crl.ts';
import type { CertificateStatus, RevocationTime, UndecidedQuestion } from './finding.ts';
import { isEarlier, judgeAtItsTime, mayKeep } from './keep-crl.ts';
import { revocationByList } from './revoked-for-good.ts';

/**
 * The status of a certificate by the CRLs that it names: every one must be had, unless one before it
 * says that it was revoked. The cache gets those that were fetched and are to be believed.
 */
export async function askCrl(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: AskContext,
): Promise<CertificateStatus> {
  const { crlCache } = context;
  const asking: CrlContext = { ...context, answers: new Map() };
  if (crlCache === undefined) return (await ask(pair, when, asking)).status;
  const kept = new Map<string, CrlBundle>();
  const read: CrlContext['kept'] = async (url) => {
    const bytes = await passingOver(() => crlCache.get(url));
    const bundle = bytes && decodeBundle(bytes);
    if (bundle !== undefined) kept.set(url, bundle);
    return bundle;
  };
  const first = await ask(pair, when, { ...asking, kept: read });
  // whatever was kept: it does not stand in the way of what can be had
  const { status, had, usable } = isLeftOpenByKept(first) ? await ask(pair, when, asking) : first;
  const believed = had.filter(({ bundle }) => usable.has(bundle));
  await keep(believed, { crlCache, kept, question: { ...pair, ...cryptoOf(context) } });
  if (status.status === 'good') {
    return (await revokedByNewerKept(had, kept, { pair, when, context })) ?? status;
  }
  if (status.status !== 'unknown' || when.exhaustive !== true) return status;
  const questions = status.questions.map((one) =>
    withKept(one, kept.get(one.url), { pair, context }),
  );
  return { status: 'unknown', questions: await Promise.all(questions) };
}

function isLeftOpenByKept({ status, had }: Asked): boolean {
  return status.status === 'unknown' && had.some(({ fetched }) => fetched === undefined);
}

async function keep(
  believed: readonly HadBundle[],
  by: {
    readonly crlCache: CrlCache;
    readonly kept: ReadonlyMap<string, CrlBundle>;
    readonly question: Parameters<typeof mayKeep>[2];
  },
): Promise<void> {
  const { crlCache, kept, question } = by;
  for (const { url, bundle, fetched } of believed) {
    if (fetched !== undefined && (await mayKeep(bundle, kept.get(url), question))) {
      await passingOver(() => crlCache.set(url, fetched));
    }
  }
}

/**
 * That the list which was kept revokes the certificate for good, where one that was issued before it
 * was given out now: lists come over plain HTTP, and an old one can be put in place of the last.
 */
async function revokedByNewerKept(
  had: readonly HadBundle[],
  kept: ReadonlyMap<string, CrlBundle>,
  question: Question,
): Promise<CertificateStatus | undefined> {
  for (const { url, bundle, fetched } of had) {
    const last = kept.get(url);
    if (fetched === undefined || last === undefined || !isEarlier(bundle, last)) continue;
    for (const list of [last.base, last.delta]) {
      const finding = list && (await revocationByList(list, factsOf(question)));
      if (finding === undefined || !isForGood(finding)) continue;
      return { status: 'revoked', method: 'crl', urls: [url], finding };
    }
  }
  return undefined;
}

/** What a cache does; a cache tells of its failures itself, and none changes a verdict. */
async function passingOver<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  }
}

/** That a service fails is nothing to pass over where its last list, expired or not, said revoked. */
async function withKept(
  question: UndecidedQuestion,
  kept: CrlBundle | undefined,
  { pair, context }: { readonly pair: IssuedCertificate; readonly context: AskContext },
): Promise<UndecidedQuestion> {
  if (question.failure === undefined || kept === undefined) return question;
  const { finding } = await judgeAtItsTime(kept, { ...pair, ...cryptoOf(context) });
  if (finding.status !== 'revoked') return question;
  const { method, url, cause } = question;
  const message = `${cause.message}, and its last CRL, which is in the cache, says revoked`;
  return { method, url, cause: { ...cause, message } };
}

/** What is asked about whom, and by what means. */
interface Question {
  readonly pair: IssuedCertificate;
  readonly when: RevocationTime;
  readonly context: Pick<AskContext, 'crypto'>;
}

/** What was found, and by what. */
interface Asked {
  readonly status: CertificateStatus;
  readonly had: readonly HadBundle[];
  /** Of what was had: see {@link CrlsJudgement}. */
  readonly usable: CrlsJudgement['usable'];
}

async function ask(
  pair: IssuedCertificate,
  when: RevocationTime,
  context: CrlContext,
): Promise<Asked> {
  const urls = pair.certificate.crlDistributionPoints;
  const [first] = urls;
  if (first !== undefined && urls.length > MAX_SERVICES) {
    const question = undecidedBy('crl', first, notAsked(first, urls.length, 'CRLs'));
    return { status: { status: 'unknown', questions: [question] }, had: [], usable: new Set() };
  }
  const had: HadBundle[] = [];
  const missing: UndecidedQuestion[] = [];
  for (const url of urls) {
    const got = await bundleOf(url, when, context);
    if ('bundle' in got) had.push(got);
    else missing.push(got);
    if (missing.length > 0 && when.exhaustive !== true) break;
  }
  const bundles = had.map(({ bundle }) => bundle);
  const { finding, usable } = await judgeCrls({ ...factsOf({ pair, when, context }), bundles });
  return { status: statusBy(finding, { had, missing, urls, when }), had, usable };
}

function statusBy(
  finding: RevocationFinding,
  by: {
    readonly had: readonly HadBundle[];
    readonly missing: readonly UndecidedQuestion[];
    readonly urls: readonly string[];
    readonly when: RevocationTime;
  },
): CertificateStatus {
  const { had, missing, urls, when } = by;
  if (finding.status === 'revoked') return { status: 'revoked', method: 'crl', urls, finding };
  if (missing.length === 0 && finding.status === 'good') {
    return { status: 'good', method: 'crl', urls, finding };
  }
  const isOfMissing = missing.length > 0 && when.exhaustive !== true;
  const bad = isOfMissing ? [] : unbelieved(finding, had, missing);
  return { status: 'unknown', questions: [...missing, ...bad] };
}

// Lists that are about some reasons only are to be completed by those that are missing.
function unbelieved(
  finding: RevocationFinding,
  had: readonly HadBundle[],
  missing: readonly UndecidedQuestion[],
): readonly UndecidedQuestion[] {
  if (finding.status !== 'unknown') return [];
  if (missing.length > 0 && finding.why.code === 'X509_CRL_REASONS') return [];
  return had.map(({ url }) => undecidedBy('crl', url, finding.why));
}

/** A question as lists are asked it. */
function factsOf({ pair, when, context }: Question): Omit<CheckCrlsOptions, 'bundles'> {
  const { at, signingTime } = when;
  return {
    ...pair,
    ...cryptoOf(context),
    at,
    ...(signingTime !== undefined && { signingTime }),
  };
}

function cryptoOf({ crypto }: Pick<AskContext, 'crypto'>): Pick<AskContext, 'crypto'> {
  return crypto === undefined ? {} : { crypto };
}
