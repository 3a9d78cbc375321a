import type { HttpResponse } from '@nv2/http';
import { maskUrl, sameOrigin } from '@nv2/http';
import { OciError } from '../errors.ts';

const MAX_LINK_LENGTH = 4096;

/**
 * Where the next page of a listing is, or undefined on the last.
 * @param visited the pages read so far; the next one is added
 * @throws OciError `OCI_REFERRERS_INVALID` if it was read before or is on another host
 * @see RFC 8288 3; distribution-spec 1.1.1, listing tags
 */
export function nextPage(response: HttpResponse, visited: Set<string>): URL | undefined {
  const target = readNextLink(response.headers.getAll('link'));
  if (target === undefined) return undefined;
  const url = URL.parse(target, response.url.href);
  if (url === null) throw invalid('is not a URL');
  if (!sameOrigin(url, response.url) || url.username !== '' || url.password !== '') {
    throw invalid(`leads to another host, ${maskUrl(url)}`);
  }
  if (visited.has(url.href)) throw invalid(`leads back to ${maskUrl(url)}`);
  visited.add(url.href);
  return url;
}

function readNextLink(values: readonly string[]): string | undefined {
  for (const value of values) {
    if (value.length > MAX_LINK_LENGTH) throw invalid(`is longer than ${MAX_LINK_LENGTH}`);
    for (const link of value.matchAll(/<([^>]*)>([^<]*)/g)) {
      const [, target, parameters] = link;
      if (/;[ \t]*rel[ \t]*=[ \t]*(?:"next"|next(?![\w-]))/i.test(parameters ?? '')) return target;
    }
  }
  // some registries leave out the relation, and mean the next page
  const bare = /^<([^>]*)>[ \t]*$/.exec(values[0] ?? '');
  return bare?.[1];
}

function invalid(problem: string): OciError {
  return new OciError('OCI_REFERRERS_INVALID', `the link to the next page ${problem}`, {
    hint: 'the registry is broken or not to be trusted: tell its operator',
    data: { problem },
  });
}
