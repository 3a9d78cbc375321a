import { Nv2Error } from '@nv2/core/errors';
import type { FailureFacts } from '../failure.ts';
import { formatGoString } from './go-time.ts';
import { PLUGIN_WORDS } from './notation-plugins.ts';
import { policyRuleWords, SCOPE_FORM } from './notation-policy.ts';
import { quote } from './quote.ts';

/** An error as words are made from it: of nv2, or the cause within a verdict. */
export interface Described {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

type Words = (error: Described, facts: FailureFacts) => string;

/** Where notation sends those who have no trust policy. */
export const POLICY_LINK = 'https://notaryproject.dev/docs/quickstart/#create-a-trust-policy';

/** How notation begins to say that a verification did not end in a yes. */
export const FAILED = 'signature verification failed';

/** A fact of the error as text. */
export function fact(error: Described, name: string): string {
  const value = error.data?.[name];
  return value === undefined ? '' : String(value);
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  NOTARY_FILE_NOT_FOUND: 'no such file or directory',
  NOTARY_FILE_DENIED: 'permission denied',
  NOTARY_CERTIFICATE_NOT_FOUND: 'no such file or directory',
  NOTARY_TRUST_STORE_NOT_FOUND: 'no such file or directory',
};

function fileWords(error: Described, facts: FailureFacts): string {
  const path = facts.given ?? (fact(error, 'path') || (facts.path ?? ''));
  const isPolicy = fact(error, 'subject') === 'trust policy';
  if (error.code === 'NOTARY_FILE_NOT_REGULAR') {
    return isPolicy
      ? `trust policy is not a regular file (symlinks are not supported). To create a trust policy, see: ${POLICY_LINK}`
      : `${quote(path)} is not a regular file (symlinks are not supported)`;
  }
  if (facts.loadsPolicy === true && error.code === 'NOTARY_FILE_DENIED') {
    return `unable to read trust policy due to file permissions, please verify the permissions of ${path}`;
  }
  const reason = SYSTEM_WORDS[error.code];
  return reason === undefined ? error.message : `${systemCall(error, facts)} ${path}: ${reason}`;
}

// what the reference asks of the system first, and so names in its message
function systemCall({ code }: Described, { deletes }: FailureFacts): string {
  if (deletes !== true) return 'open';
  return code === 'NOTARY_FILE_DENIED' ? 'remove' : 'stat';
}

const KEY_RULES: Readonly<Record<string, (error: Described) => string>> = {
  'name-empty': () => 'malformed signingkeys.json: key name cannot be empty',
  'name-duplicate': (error) =>
    `malformed signingkeys.json: multiple keys with name '${fact(error, 'name')}' found`,
  'default-empty': () => 'malformed signingkeys.json: default key name cannot be empty',
  'default-unknown': (error) =>
    `malformed signingkeys.json: default key '${fact(error, 'name')}' not found`,
};

const KEY_FIELD_WORDS: Readonly<Record<string, string>> = {
  id: 'missing key id',
  pluginName: 'plugin name cannot be empty',
};

function store(error: Described): string {
  return `${quote(fact(error, 'name'))} of type ${quote(fact(error, 'type'))}`;
}

const USE_CERT_ADD =
  "Use command 'notation cert add' to create and add trusted certificates to the trust store";

const FORM = 'Expecting <registry>/<repository>:<tag> or <registry>/<repository>@<digest>';

const DIGEST_FORM = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const KNOWN_DIGEST = /^sha(256|384|512):(.+)$/s;

function partWords(part: string, value: string): string {
  if (part === 'reference') return 'missing registry or repository';
  if (value === '' && (part === 'tag' || part === 'digest')) return 'no tag or digest';
  const invalid = `invalid ${part} ${quote(value)}`;
  return part === 'digest' ? `${invalid}: ${digestWords(value)}` : invalid;
}

function digestWords(value: string): string {
  const [, bits, hex = ''] = KNOWN_DIGEST.exec(value) ?? [];
  if (bits === undefined) {
    return DIGEST_FORM.test(value)
      ? 'unsupported digest algorithm'
      : 'invalid checksum digest format';
  }
  // its length is looked at before its letters
  return hex.length === Number(bits) / 4
    ? 'invalid checksum digest format'
    : 'invalid checksum digest length';
}

function referenceWords(error: Described, facts: FailureFacts): string {
  const part = fact(error, 'part');
  const value = fact(error, 'value');
  const problem = partWords(part, value);
  // the reference names what it was given before the parser's words
  return facts.reference === undefined
    ? `invalid reference: ${problem}`
    : `${quote(facts.reference)}: invalid reference: ${problem}. ${FORM}`;
}

function signatureManifestWords(error: Described): string {
  const envelopes = fact(error, 'envelopes');
  return envelopes === ''
    ? error.message
    : `signature manifest requries exactly one signature envelope blob, got ${envelopes}`;
}

/** Only who signs asks whether the certificates are valid. */
function chainWords(error: Described): string {
  const [at, notBefore, notAfter] = ['at', 'notBefore', 'notAfter'].map((name) => {
    const time = error.data?.[name];
    return typeof time === 'number' ? formatGoString(time) : undefined;
  });
  if (at === undefined) return error.message;
  return `certificate-chain is invalid, certificate with subject ${quote(fact(error, 'subject'))} was invalid at signing time of ${at}. Certificate is valid from [${notBefore}] to [${notAfter}]`;
}

const ONE_ROOT = 'Expecting single x509 root certificate in PEM or DER format from the file';

function timestampRootWords(error: Described, facts: FailureFacts): string {
  const path = quote(facts.given ?? fact(error, 'path'));
  const reason = fact(error, 'reason');
  switch (fact(error, 'problem')) {
    case 'none':
      return `cannot find any certificate from ${path}. ${ONE_ROOT}`;
    case 'several':
      return `found more than one certificates from ${path}. ${ONE_ROOT}`;
    case 'not-self-signed':
      return `failed to check root certificate with error: ${reason}`;
    case 'not-root':
      return `certificate from ${path} is not a root certificate. ${ONE_ROOT}`;
    default:
      return `x509: malformed certificate in ${path}: ${reason}. ${ONE_ROOT}`;
  }
}

/** Whose certificate the state of revocation is of. */
function whose(error: Described): string {
  return `${fact(error, 'purpose')} certificate with subject ${quote(fact(error, 'subject'))}`;
}

const REQUEST = /^([A-Z])([A-Z]+) (\S+?): (.*)$/s;

/** What became of a request, in the form of Go: `Post "http://host": reason`. */
function requestWords({ message }: Described): string {
  const [, initial, method = '', url = '', reason] = REQUEST.exec(message) ?? [];
  if (initial === undefined) return message;
  const shown = url.replace(/^(https?:\/\/[^/]+)\/$/, '$1');
  return `${initial}${method.toLowerCase()} ${quote(shown)}: ${reason}`;
}

/** What is not there is named, not the request for it; in a layout not even that. */
function notFoundWords(error: Described): string {
  if (fact(error, 'reference') !== '') return 'not found';
  const named = fact(error, 'named');
  return named === '' ? error.message : `${named}: not found`;
}

/** notation's words by error code; codes that are not here speak for themselves. */
const WORDS: Readonly<Record<string, Words>> = {
  ...PLUGIN_WORDS,
  HTTP_CONNECTION_FAILED: requestWords,
  HTTP_TLS_FAILED: requestWords,
  HTTP_TIMEOUT: requestWords,
  HTTP_RESPONSE_INVALID: requestWords,
  HTTP_BODY_TRUNCATED: requestWords,
  HTTP_REDIRECT_REFUSED: requestWords,
  ENVELOPE_CHAIN_INVALID: chainWords,
  OCI_NOT_FOUND: notFoundWords,
  OCI_REFERENCE_INVALID: referenceWords,
  NOTARY_FILE_NOT_FOUND: fileWords,
  NOTARY_FILE_NOT_REGULAR: fileWords,
  NOTARY_FILE_DENIED: fileWords,
  NOTARY_POLICY_NOT_FOUND: () =>
    `trust policy is not present. To create a trust policy, see: ${POLICY_LINK}`,
  NOTARY_POLICY_MALFORMED: () =>
    `malformed trust policy. To create a trust policy, see: ${POLICY_LINK}`,
  NOTARY_POLICY_INVALID: (error) => policyRuleWords(error.data ?? {}) ?? error.message,
  NOTARY_SCOPE_INVALID: (error) =>
    `${FAILED}: registry scope ${quote(fact(error, 'scope'))} is not valid, ${SCOPE_FORM}`,
  NOTARY_POLICY_STATEMENT_NOT_FOUND: (error) =>
    `${FAILED}: no applicable blob trust policy with name ${quote(fact(error, 'name'))}`,
  NOTARY_TRUST_STORE_TYPE_INVALID: (error) => `unsupported store type: ${fact(error, 'type')}`,
  NOTARY_TRUST_STORE_NAME_INVALID: () => 'named store name needs to follow [a-zA-Z0-9_.-]+ format',
  NOTARY_TRUST_STORE_NOT_FOUND: (error, facts) =>
    facts.deletes === true
      ? fileWords(error, facts)
      : `the trust store ${store(error)} does not exist. ${USE_CERT_ADD}`,
  NOTARY_CERTIFICATE_NOT_FOUND: fileWords,
  NOTARY_TRUST_STORE_UNREADABLE: (error) => {
    const reason = `open ${fact(error, 'path')}: permission denied`;
    return fact(error, 'name') === ''
      ? reason
      : `failed to access the trust store ${store(error)}. ${reason}`;
  },
  NOTARY_TRUST_STORE_NOT_DIRECTORY: (error) =>
    `the trust store ${fact(error, 'name')} of type ${fact(error, 'type')} with path ${fact(error, 'path')} is not a regular directory (symlinks are not supported)`,
  NOTARY_TRUST_STORE_ENTRY_NOT_REGULAR: (error) =>
    `trusted certificate ${fact(error, 'file')} in trust store ${fact(error, 'name')} of type ${fact(error, 'type')} is not a regular file (directories or symlinks are not supported)`,
  NOTARY_TRUST_STORE_EMPTY: (error) =>
    `no x509 certificates were found in trust store ${store(error)}. ${USE_CERT_ADD}`,
  NOTARY_CERTIFICATE_EXISTS: () => 'certificate already exists in the Trust Store',
  NOTARY_KEYS_MALFORMED: (error) => KEY_RULES[fact(error, 'rule')]?.(error) ?? error.message,
  NOTARY_KEY_EXISTS: (error) =>
    `signing key with name ${quote(fact(error, 'name'))} already exists`,
  NOTARY_KEY_NOT_FOUND: (error) => `signing key ${fact(error, 'name')} not found`,
  NOTARY_KEY_NAME_EMPTY: (error) =>
    KEY_FIELD_WORDS[fact(error, 'field')] ?? 'key name cannot be empty',
  NOTARY_KEY_INCOMPLETE: (error) => {
    if (fact(error, 'keyPath') !== '') return 'certificate path not specified';
    return fact(error, 'certPath') === ''
      ? 'unsupported key, either provide a local key and certificate file paths, or a key name in config.json, check [DOC_PLACEHOLDER] for details'
      : 'key path not specified';
  },
  NOTARY_KEY_NO_DEFAULT: () =>
    'default signing key not set. Please set default signing key or specify a key name',
  NOTARY_EXPIRY_INVALID: (error) =>
    error.data?.['negative'] === true
      ? 'expiry duration cannot be a negative value'
      : 'expiry duration supports minimum granularity of seconds',
  NOTARY_METADATA_RESERVED: (error) =>
    `error adding user metadata: metadata key ${fact(error, 'key')} has reserved prefix ${fact(error, 'prefix')}`,
  NOTARY_BLOB_MEDIA_TYPE_INVALID: (error) =>
    fact(error, 'mediaType') === ''
      ? 'content media-type cannot be empty'
      : `invalid content media-type ${quote(fact(error, 'mediaType'))}`,
  NOTARY_SIGNATURE_MANIFEST_INVALID: signatureManifestWords,
  NOTARY_TIMESTAMP_ROOT_INVALID: timestampRootWords,
  NOTARY_CERTIFICATE_REVOKED: (error) => `${whose(error)} is revoked`,
  NOTARY_REVOCATION_UNKNOWN: (error) => `${whose(error)} revocation status is unknown`,
  NOTARY_LIMIT_INVALID: (error) =>
    `max-signatures value ${fact(error, 'maxSignatures')} must be a positive number`,
};

/** The words for an error, or for the cause of one within a verdict. */
export function causeWords(error: Described, facts: FailureFacts = {}): string {
  const words = WORDS[error.code];
  if (words !== undefined) return words(error, facts);
  const isWrapper =
    error.code === 'NOTARY_RESOLVE_FAILED' || error.code === 'NOTARY_ARTIFACT_NOT_FOUND';
  if (!isWrapper) return error.message;
  // the reason behind "could not be resolved" is what its reader can act on
  const reason = error.cause instanceof Nv2Error ? causeWords(error.cause, facts) : error.message;
  return `failed to get manifest descriptor: ${reason}`;
}
