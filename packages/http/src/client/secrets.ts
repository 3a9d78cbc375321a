const MASK = '*****';
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
]);
const SECRET_PARAMETER = /(?:sig|signature|token|secret|password|credential|_state)$/i;

/**
 * The URL as it may be shown: without user name, password and fragment, and with the values of
 * query parameters that grant access (signed URLs, upload states) masked.
 */
export function maskUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  if (shown.search === '') return shown.href;
  const query = shown.search
    .slice(1)
    .split('&')
    .map((pair) => {
      const name = pair.split('=', 1)[0] ?? '';
      return SECRET_PARAMETER.test(name) ? `${name}=${MASK}` : pair;
    });
  shown.search = query.join('&');
  return shown.href;
}

/** Fields whose values are URLs, which may grant access. */
const URL_HEADERS: ReadonlySet<string> = new Set([
  'location',
  'content-location',
  'referer',
  'link',
]);
const SECRET_IN_TEXT =
  /([?&][^=&\s>"]*(?:sig|signature|token|secret|password|credential|_state)=)[^&\s>"]*/gi;

/** Header fields as they may be shown, credentials and cookies masked. */
export function maskHeaders(
  fields: Iterable<readonly [string, string]>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(fields, ([name, value]) => [name, maskHeader(name.toLowerCase(), value)]),
  );
}

function maskHeader(name: string, value: string): string {
  if (SECRET_HEADERS.has(name)) return MASK;
  if (!URL_HEADERS.has(name)) return value;
  return value.replace(/\/\/[^/\s@>"]*@/g, `//${MASK}@`).replace(SECRET_IN_TEXT, `$1${MASK}`);
}
