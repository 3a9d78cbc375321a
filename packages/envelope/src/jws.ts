import {
  actedOn,
  assertNoLookAlike,
  decodeBase64,
  decodeBase64Url,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@nv2/core';
import { algorithmByName } from './algorithms.ts';
import {
  assertSeparateHeaders,
  type Header,
  type HeaderVocabulary,
  headerError,
  NOTARY_HEADER,
  readSignedAttributes,
  readSigningAgent,
} from './attributes.ts';
import { assertChainLength } from './chain.ts';
import type { AttributeValue } from './content.ts';
import { EnvelopeError, readingPart } from './errors.ts';
import type { EnvelopeForm, EnvelopeFormat } from './format.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { parseRfc3339 } from './rfc3339.ts';

/** The header parameters of RFC 7515 4.1; they are never listed as critical (4.1.11). */
const REGISTERED: ReadonlySet<unknown> = new Set([
  'alg',
  'jku',
  'jwk',
  'kid',
  'x5u',
  'x5c',
  'x5t',
  'x5t#S256',
  'typ',
  'cty',
  'crit',
]);

/** The header labels of a JWS envelope. */
export const JWS_VOCABULARY: HeaderVocabulary = {
  algorithm: 'alg',
  critical: 'crit',
  contentType: 'cty',
  isRegistered: (label) => REGISTERED.has(label),
  algorithmOf: algorithmByName,
  timeOf(value) {
    const ms = typeof value === 'string' ? parseRfc3339(value) : undefined;
    return ms === undefined || typeof value !== 'string' ? undefined : { ms, text: value };
  },
};

/** Every name that a reader of the envelope acts on. */
const PROTECTED_NAMES = actedOn(['alg', 'crit', 'cty', ...Object.values(NOTARY_HEADER)]);
// without the signing agent: nobody acts on it, and signers write its name in more ways than one
const UNPROTECTED_NAMES = actedOn(['x5c', NOTARY_HEADER.timestampSignature]);

const MEMBERS = ['payload', 'protected', 'header', 'signature'] as const;

/**
 * The JWS envelope of the Notary Project: flattened JSON serialization, four members and no other.
 *
 *     {"payload":"eyJ0YXJnZXRBcnRpZmFjdCI6…","protected":"eyJhbGciOiJQUzI1NiIs…",
 *      "header":{"x5c":["MIIDRDCC…"],"io.cncf.notary.signingAgent":"nv2/1.0.0"},"signature":"kq…"}
 *
 * @see specifications/specs/signature-envelope-jws.md, RFC 7515 7.2.2
 */
export const jwsFormat: EnvelopeFormat = {
  parse: parseJws,
  verificationScheme: (algorithm) => algorithm.jwsVerificationScheme,
};

function parseJws(bytes: Uint8Array): EnvelopeForm {
  const envelope = readObject('envelope', bytes);
  // "no additional top level fields are supported"
  if (envelope.size !== MEMBERS.length || !MEMBERS.every((name) => envelope.has(name))) {
    throw malformed(`a JWS envelope has the members ${MEMBERS.join(', ')} and no other`);
  }
  const payload = text(envelope, 'payload');
  const protectedText = text(envelope, 'protected');
  const unprotected = envelope.get('header');
  if (!isObject(unprotected)) throw malformed('member "header" must be an object');

  const protectedHeader = readObject(
    'protected header',
    readingPart('member "protected"', 'ENVELOPE_MALFORMED', () => decodeBase64Url(protectedText)),
  );
  assertNoLookAlike(protectedHeader, PROTECTED_NAMES, (name) =>
    headerError(name, 'differs from a known header in upper and lower case only'),
  );
  assertNoLookAlike(unprotected, UNPROTECTED_NAMES, (name) =>
    headerError(name, 'differs from a known header in upper and lower case only'),
  );
  assertSeparateHeaders(protectedHeader, unprotected);
  const signature = readingPart('member "signature"', 'ENVELOPE_MALFORMED', () =>
    decodeBase64Url(text(envelope, 'signature')),
  );
  return {
    attributes: readSignedAttributes(protectedHeader, JWS_VOCABULARY),
    signature,
    ...readUnprotected(unprotected),
    signedData: signingInput(protectedText, payload),
    payload: () =>
      readingPart('member "payload"', 'ENVELOPE_MALFORMED', () => decodeBase64Url(payload)),
  };
}

/** RFC 7515 5.1 step 5: ASCII(BASE64URL(protected) || '.' || BASE64URL(payload)). */
export function signingInput(protectedText: string, payloadText: string): Uint8Array {
  return encodeUtf8(`${protectedText}.${payloadText}`);
}

function readUnprotected(
  header: Header,
): Pick<EnvelopeForm, 'certificates' | 'signingAgent' | 'timestampToken'> {
  const chain = header.get('x5c');
  if (!Array.isArray(chain) || chain.length === 0) {
    throw headerError('x5c', 'must be a list of at least one certificate');
  }
  assertChainLength(chain.length);
  const token = header.get(NOTARY_HEADER.timestampSignature);
  return {
    certificates: chain.map((item: AttributeValue) => readBase64('x5c', item)),
    signingAgent: readSigningAgent(header),
    timestampToken:
      token === undefined ? undefined : readBase64(NOTARY_HEADER.timestampSignature, token),
  };
}

function readBase64(name: string, value: AttributeValue): Uint8Array {
  if (typeof value !== 'string' || value === '') throw headerError(name, 'must be base64 text');
  return readingPart(`header "${name}"`, 'ENVELOPE_HEADER_INVALID', () => decodeBase64(value));
}

function readObject(part: string, bytes: Uint8Array): JsonObject {
  const value = readingPart(part, 'ENVELOPE_MALFORMED', () =>
    parseJson(bytes, {
      maxBytes: ENVELOPE_LIMITS.maxEnvelopeBytes,
      maxDepth: ENVELOPE_LIMITS.maxNestingLevels,
      maxItems: ENVELOPE_LIMITS.maxItems,
    }),
  );
  if (!isObject(value)) throw malformed(`${part} must be a JSON object`);
  return value;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

function text(envelope: JsonObject, name: string): string {
  const value = envelope.get(name);
  if (typeof value !== 'string') throw malformed(`member "${name}" must be text`);
  return value;
}

function malformed(message: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_MALFORMED', message);
}
