import { Nv2Error, parseJson } from '@nv2/core';
import type { CallOptions } from '../artifact.ts';
import { OciError } from '../errors.ts';
import { nextPage } from './link.ts';
import { ReferrersBudget, type ReferrersLimits } from './referrers-list.ts';
import type { RegistrySession } from './session.ts';

/**
 * The tags of a repository, page by page, within the bounds of a listing of referrers.
 * @see distribution-spec 1.1.1, listing tags
 */
export async function* listTags(
  location: {
    readonly session: RegistrySession;
    readonly repository: string;
    readonly scopes: readonly string[];
  },
  options: CallOptions & { readonly limits: ReferrersLimits },
): AsyncGenerator<string> {
  const { session, repository, scopes } = location;
  const { limits, ...callOptions } = options;
  const budget = new ReferrersBudget(limits);
  let url: URL | undefined = new URL(`/v2/${repository}/tags/list`, session.origin);
  const visited = new Set([url.href]);
  while (url !== undefined) {
    budget.takePage();
    const response = await session.expect({ method: 'GET', url, scopes }, [200], callOptions);
    const next: URL | undefined = nextPage(response, visited);
    const tags = parseTags(await budget.read(response), limits.maxPageBytes);
    budget.takeReferrers(tags.length);
    yield* tags;
    url = next;
  }
}

function parseTags(bytes: Uint8Array, maxBytes: number): readonly string[] {
  const document = parseTagsJson(bytes, maxBytes);
  const tags = document instanceof Map ? document.get('tags') : undefined;
  // an empty repository has null
  if (tags === null) return [];
  if (Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string')) {
    return tags;
  }
  throw malformed('tags is not a list of strings');
}

function parseTagsJson(bytes: Uint8Array, maxBytes: number): unknown {
  try {
    return parseJson(bytes, { maxBytes });
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw malformed(cause.message, cause);
  }
}

function malformed(problem: string, cause?: unknown): OciError {
  return new OciError('OCI_RESPONSE_INVALID', `malformed list of tags: ${problem}`, { cause });
}
