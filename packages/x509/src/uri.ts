/** RFC 3986 2.1, 2.3, 3.3: what stands between slashes. */
const CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const USER = "(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*";
/** RFC 3986 3.2.2 without percent-encoding, which no fully qualified domain name has. */
const LABEL = "[A-Za-z0-9_~!$&'()*+,;=-]+";
const HOST = `${LABEL}(?:\\.${LABEL})*`;
const AUTHORITY = `(?:(?:${USER}@)?(?:${HOST}|(\\[[0-9A-Fa-f:.]+\\]))(?::[0-9]*)?)?`;
const PATH = `(?:${CHARACTER}|/)*`;
const REST = `(?:\\?(?:${CHARACTER}|[/?])*)?(?:#(?:${CHARACTER}|[/?])*)?`;

/** RFC 3986 3. What begins with two slashes has an authority and cannot be a path as well. */
const URI = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?://${AUTHORITY}(?:/${PATH})?|(?!//)${PATH})${REST}$`,
);

/**
 * Whether a text is a URI as RFC 5280 4.2.1.6 wants it: absolute, of RFC 3986, and with a host, where
 * it has an authority that is not empty. Linear in the length of the text.
 */
export function isUri(text: string): boolean {
  const match = URI.exec(text);
  if (match === null || /^[^:]*:$/.test(text)) return false;
  const [, literal] = match;
  return literal === undefined || URL.canParse(`http://${literal}`);
}
