import { MANIFEST_MEDIA_TYPES, MEDIA_TYPE } from '../media-types.ts';
import { ask, finding, orUnknown, type ProbeContext, type ProbeFinding } from './probe-finding.ts';
import { DEFAULT_REFERRERS_LIMITS } from './referrers-list.ts';
import { manifestPath, mediaTypeOf } from './resolve.ts';
import { repositoryScope } from './scope.ts';
import { listTags } from './tags.ts';

/** A digest that nothing has. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;
const NEEDS_WRITING = 'only a test artifact would tell';
const NEEDS_REPOSITORY = 'no repository was named';

/** What can be found out without writing. */
export async function probeReading(context: ProbeContext): Promise<readonly ProbeFinding[]> {
  const untried = (['oci-subject', 'chunked-upload', 'delete'] as const).map((name) =>
    finding(name, 'unknown', NEEDS_WRITING),
  );
  if (context.repository === undefined) {
    const unasked = (
      ['referrers-api', 'referrers-filter', 'tag-paging', 'conditional-requests'] as const
    ).map((name) => finding(name, 'unknown', NEEDS_REPOSITORY));
    return [...unasked, ...untried];
  }
  const named = { ...context, repository: context.repository };
  return [
    await orUnknown('referrers-api', () => referrersApi(named)),
    await orUnknown('referrers-filter', () => referrersFilter(named)),
    await orUnknown('tag-paging', () => tagPaging(named)),
    await orUnknown('conditional-requests', () => conditionalReads(named)),
    ...untried,
  ];
}

type Named = ProbeContext & { readonly repository: string };

/** distribution-spec 1.1.1, listing referrers: 200 and an index, also where there are none. */
async function referrersApi(context: Named): Promise<ProbeFinding> {
  const url = `/v2/${context.repository}/referrers/${NO_DIGEST}`;
  const response = await ask(context, { method: 'GET', url }, 'pull');
  const evidence = `GET referrers: ${response.status} ${mediaTypeOf(response) ?? ''}`.trim();
  const isIndex = response.status === 200 && mediaTypeOf(response) === MEDIA_TYPE.imageIndex;
  const isNo = response.status === 404 || response.status === 405 || response.status === 200;
  return finding('referrers-api', isIndex ? true : isNo ? false : 'unknown', evidence);
}

async function referrersFilter(context: Named): Promise<ProbeFinding> {
  const url = `/v2/${context.repository}/referrers/${NO_DIGEST}?artifactType=application%2Fvnd.nv2.probe`;
  const response = await ask(context, { method: 'GET', url }, 'pull');
  const applied = response.headers.get('oci-filters-applied');
  const evidence = `OCI-Filters-Applied: ${applied ?? 'absent'}`;
  return finding('referrers-filter', applied?.includes('artifactType') === true, evidence);
}

async function tagPaging(context: Named): Promise<ProbeFinding> {
  const tags = await firstTags(context, 2);
  if (tags.length < 2) return finding('tag-paging', 'unknown', `${tags.length} tags in all`);
  const url = `/v2/${context.repository}/tags/list?n=1`;
  const response = await ask(context, { method: 'GET', url }, 'pull');
  const link = response.headers.get('link');
  return finding('tag-paging', link !== null, `n=1: ${link === null ? 'no Link' : 'a Link'}`);
}

/** A manifest with a strong ETag that is answered with 304 when it is known. */
async function conditionalReads(context: Named): Promise<ProbeFinding> {
  const [tag] = await firstTags(context, 1);
  if (tag === undefined) return finding('conditional-requests', 'unknown', 'no tag to ask for');
  const headers = { accept: MANIFEST_MEDIA_TYPES.join(', ') };
  const url = manifestPath(context.repository, tag);
  const first = await ask(context, { method: 'GET', url, headers }, 'pull');
  const etag = first.headers.get('etag');
  if (etag === null) return finding('conditional-requests', false, 'no ETag');
  const known = { ...headers, 'if-none-match': etag };
  const again = await ask(context, { method: 'GET', url, headers: known }, 'pull');
  // whether a write can be made on condition is another question, which only a write answers
  return finding('conditional-requests', 'unknown', `an ETag; If-None-Match: ${again.status}`);
}

async function firstTags({ session, repository, call }: Named, max: number): Promise<string[]> {
  const scopes = [repositoryScope(repository, ['pull'])];
  const tags: string[] = [];
  const options = { ...call, limits: DEFAULT_REFERRERS_LIMITS };
  for await (const tag of listTags({ session, repository, scopes }, options)) {
    tags.push(tag);
    if (tags.length >= max) break;
  }
  return tags;
}
