import { editDistance, nearestWord } from '@nv2/core/nearest-word';

const NO_LOG = 'leave it out: no transparency log is asked';
const NO_KEYLESS = 'there is no keyless signing: a certificate says who signs';
const NOT_ASKED = 'leave it out: nothing is asked';
const OF_AUTHORITY =
  'SSL_CERT_FILE names the certificate of an authority that registries are trusted by';

/** Flags of cosign, oras and skopeo: what nv2 calls them, or why it has none. */
const ELSEWHERE: ReadonlyMap<string, string | readonly string[]> = new Map<
  string,
  string | readonly string[]
>([
  ['plain-http', ['insecure-registry']],
  ['from-plain-http', ['insecure-registry']],
  ['to-plain-http', ['insecure-registry']],
  ['allow-http-registry', ['insecure-registry']],
  ['insecure', OF_AUTHORITY],
  ['allow-insecure-registry', OF_AUTHORITY],
  ['tls-verify', OF_AUTHORITY],
  ['ca-file', OF_AUTHORITY],
  ['format', ['signature-format', 'output']],
  ['json', ['output']],
  ['key', ['pin', 'trust', 'key-file']],
  ['cert', ['trust', 'cert-file']],
  ['certificate', ['trust', 'cert-file']],
  ['certificate-chain', ['trust', 'cert-file']],
  ['ca-roots', ['trust']],
  ['certificate-identity', ['identity']],
  ['certificate-identity-regexp', ['identity']],
  ['annotations', ['user-metadata']],
  ['annotation', ['user-metadata']],
  ['from-file', ['file']],
  ['certificate-oidc-issuer', NO_KEYLESS],
  ['certificate-oidc-issuer-regexp', NO_KEYLESS],
  ['fulcio-url', NO_KEYLESS],
  ['identity-token', NO_KEYLESS],
  ['insecure-ignore-tlog', NO_LOG],
  ['private-infrastructure', NO_LOG],
  ['tlog-upload', NO_LOG],
  ['rekor-url', NO_LOG],
  ['force', ['yes']],
  ['version', 'run "nv2 version"'],
]);

/**
 * What was probably meant by a flag that a command does not have: what it is called here, or a slip of
 * the keyboard.
 *
 * @param flags the names of those that the command has
 */
export function hintForUnknownFlag(name: string, flags: readonly string[]): string | undefined {
  // what asks takes an answer by one of these two
  if (name === 'yes') return flags.includes('force') ? 'nv2 has --force for that' : NOT_ASKED;
  const known = ELSEWHERE.get(name);
  if (typeof known === 'string') return known;
  const here = known?.filter((flag) => flags.includes(flag)) ?? [];
  if (here.length > 0) return `nv2 has ${here.map((flag) => `--${flag}`).join(' and ')} for that`;
  const meant = nearestWord(name, flags);
  // of a short word, two letters are no slip
  if (meant === undefined || editDistance(name, meant) * 2 >= meant.length) return undefined;
  return `--${meant} may be meant`;
}
