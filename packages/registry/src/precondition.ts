import { RegistryError } from './errors.ts';

const ETAG = /(W\/)?"([^"]*)"/g;

/**
 * That a request to change something may be done, given what is there: the digest that a tag names, or
 * under which a manifest is stored, or nothing (RFC 9110 13.2.2, steps 1 and 3).
 * @throws RegistryError `REGISTRY_PRECONDITION_FAILED`
 */
export function assertPrecondition(headers: Headers, current: string | undefined): void {
  const wanted = headers.get('if-match');
  // RFC 9110 13.1.1: strong tags alone are the same
  const isMatched = wanted === null || names(wanted, current, { weak: false });
  const unwanted = headers.get('if-none-match');
  const isOther = unwanted === null || !names(unwanted, current, { weak: true });
  if (isMatched && isOther) return;
  throw new RegistryError(
    'REGISTRY_PRECONDITION_FAILED',
    `the request has a condition, and what is there is ${current ?? 'nothing'}`,
    { data: { current }, hint: 'read what is there, and decide anew' },
  );
}

function names(
  condition: string,
  current: string | undefined,
  { weak }: { readonly weak: boolean },
): boolean {
  if (current === undefined) return false;
  if (condition.trim() === '*') return true;
  return [...condition.matchAll(ETAG)].some(
    ([, prefix, tag]) => tag === current && (weak || prefix === undefined),
  );
}
