import type { HttpResponse } from '@nv2/http';
import type { ReferrersOptions, Subject } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { nextPage } from './link.ts';
import { parseReferrersPage, ReferrersBudget, type ReferrersLimits } from './referrers-list.ts';
import { fetchReferrersIndex } from './referrers-tag.ts';
import { mediaTypeOf } from './resolve.ts';
import { hasRegistryCode, registryError } from './response-error.ts';
import type { RegistrySession } from './session.ts';

/** Where referrers are listed, and within which bounds. */
export interface ReferrersContext {
  readonly session: RegistrySession;
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly limits: ReferrersLimits;
}

/**
 * The referrers of a subject: from the referrers API, or from the referrers tag of a registry that
 * does not have it. Ends normally only after a complete list.
 * @throws OciError `OCI_REFERRERS_INVALID`, `OCI_REFERRERS_LIMIT`, and what a status other than
 *   200 and 404 means
 * @see distribution-spec 1.1.1, listing referrers; unavailable referrers API
 */
export async function* listReferrers(
  subject: Subject,
  options: ReferrersOptions,
  context: ReferrersContext,
): AsyncGenerator<Descriptor> {
  const { artifactType } = options;
  const budget = new ReferrersBudget(context.limits);
  const seen = new Set<string>();
  const first = await firstApiPage(subject, options, context);
  const pages = first
    ? apiPages(first, { options, context, budget })
    : tagPage(subject, { options, context, budget });
  for await (const { referrers, filtered } of pages) {
    budget.takeReferrers(referrers.length);
    for (const referrer of referrers) {
      if (seen.has(referrer.digest)) continue;
      seen.add(referrer.digest);
      if (filtered || artifactType === undefined || referrer.artifactType === artifactType) {
        yield referrer;
      }
    }
  }
}

interface Page {
  readonly referrers: readonly Descriptor[];
  /** Whether the registry left out other artifact types. */
  readonly filtered: boolean;
}

interface Listing {
  readonly options: ReferrersOptions;
  readonly context: ReferrersContext;
  readonly budget: ReferrersBudget;
}

/** The first page of the referrers API, or undefined if the registry does not have the API. */
async function firstApiPage(
  subject: Subject,
  options: ReferrersOptions,
  context: ReferrersContext,
): Promise<HttpResponse | undefined> {
  const { artifactType } = options;
  const filter =
    artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  const url = `/v2/${context.repository}/referrers/${subject.digest}${filter}`;
  const response = await request(url, options, context);
  if (response.status === 200) {
    if (mediaTypeOf(response) === MEDIA_TYPE.imageIndex) return response;
    // a registry that knows nothing of referrers may answer with a page of its user interface
    await response.discard();
    return undefined;
  }
  const error = await registryError(response, 'GET');
  // only "no such path" means "no such API"; "no such repository" is an answer of its own
  if (response.status === 404 && !hasRegistryCode(error, 'NAME_UNKNOWN')) return undefined;
  throw error;
}

async function* apiPages(
  first: HttpResponse,
  { options, context, budget }: Listing,
): AsyncGenerator<Page> {
  const visited = new Set([first.url.href]);
  let response: HttpResponse | undefined = first;
  while (response !== undefined) {
    budget.takePage();
    const next = nextPage(response, visited);
    const bytes = await budget.read(response);
    const page = parseReferrersPage(bytes, context.limits.maxPageBytes);
    const applied = `${response.headers.get('oci-filters-applied') ?? ''},${page.filtersApplied ?? ''}`;
    const filtered = applied.split(',').some((filter) => filter.trim() === 'artifactType');
    yield { referrers: page.referrers, filtered };
    response = next && (await followingPage(next, options, context));
  }
}

async function followingPage(
  url: URL,
  options: ReferrersOptions,
  context: ReferrersContext,
): Promise<HttpResponse> {
  const response = await request(url, options, context);
  if (response.status !== 200) throw await registryError(response, 'GET');
  if (mediaTypeOf(response) === MEDIA_TYPE.imageIndex) return response;
  await response.discard();
  throw new OciError('OCI_REFERRERS_INVALID', 'a page of the list of referrers is not an index', {
    hint: 'the registry is broken: tell its operator',
    data: { contentType: response.headers.get('content-type') },
  });
}

async function* tagPage(
  subject: Subject,
  { options: { signal }, context, budget }: Listing,
): AsyncGenerator<Page> {
  budget.takePage();
  const index = await fetchReferrersIndex(subject, { ...context, signal });
  // distribution-spec 1.1.1, unavailable referrers API: anything but an index means none
  if (index.kind === 'index') yield { referrers: index.referrers, filtered: false };
}

function request(
  url: string | URL,
  { signal }: ReferrersOptions,
  { session, scopes }: ReferrersContext,
): Promise<HttpResponse> {
  const headers = { accept: MEDIA_TYPE.imageIndex };
  return session.send({ method: 'GET', url, headers, scopes }, signal ? { signal } : {});
}
