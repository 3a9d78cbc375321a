import { RegistryError } from './errors.ts';

/** A part of a list, in the order of the names' bytes. */
export interface Page {
  readonly names: readonly string[];
  /** Whether there are names after the last. */
  readonly more: boolean;
}

/**
 * The first `limit` names after `after`, in order. Memory depends on `limit` alone, however many
 * names there are.
 */
export async function pageOf(
  names: AsyncIterable<string>,
  options: { readonly after: string; readonly limit: number },
): Promise<Page> {
  const { after, limit } = options;
  const smallest: string[] = [];
  let more = false;
  for await (const name of names) {
    if (name <= after) continue;
    const last = smallest.at(-1);
    if (smallest.length === limit && (last === undefined || name > last)) {
      more = true;
      continue;
    }
    smallest.splice(placeOf(smallest, name), 0, name);
    if (smallest.length > limit) {
      smallest.pop();
      more = true;
    }
  }
  return { names: smallest, more };
}

/** Reads `n` of a query. @throws RegistryError `REGISTRY_QUERY_INVALID` */
export function pageSize(url: URL, maxEntries: number): number {
  const text = url.searchParams.get('n');
  if (text === null) return maxEntries;
  if (/^[0-9]{1,9}$/.test(text)) return Math.min(Number(text), maxEntries);
  throw new RegistryError('REGISTRY_QUERY_INVALID', 'n is not a number of entries');
}

/** `Link` to what comes after `last` (RFC 8288), with the other parameters of the query kept. */
export function nextLink(url: URL, last: string): Readonly<Record<string, string>> {
  const query = new URLSearchParams(url.searchParams);
  query.set('last', last);
  return { link: `<${url.pathname}?${query}>; rel="next"` };
}

function placeOf(sorted: readonly string[], name: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
