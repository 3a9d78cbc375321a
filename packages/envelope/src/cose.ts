import { type CborValue, decodeCbor, encodeCbor } from '@nv2/core';
import { algorithmByCoseLabel } from './algorithms.ts';
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
import type { AttributeValue, HeaderLabel } from './content.ts';
import { assertCommonParameters } from './cose-parameters.ts';
import { EnvelopeError, readingPart } from './errors.ts';
import type { EnvelopeForm, EnvelopeFormat } from './format.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { formatRfc3339, LATEST_TIME_MS } from './rfc3339.ts';

/** COSE_Sign1_Tagged (RFC 9052 4.2). */
export const SIGN1_TAG = 18;
/** Epoch-based date/time (RFC 8949 3.4.2). */
export const EPOCH_TIME_TAG = 1;
/** RFC 9052 3.1 and RFC 9360 2. */
export const LABEL = { algorithm: 1, critical: 2, contentType: 3, x5chain: 33 } as const;
/** "It MUST only contain parameters apart from integer labels in the range of 0 to 8". */
const LAST_RESERVED_LABEL = 8;

/** The header labels of a COSE envelope. */
export const COSE_VOCABULARY: HeaderVocabulary = {
  algorithm: LABEL.algorithm,
  critical: LABEL.critical,
  contentType: LABEL.contentType,
  isRegistered: (label) => typeof label === 'number' && label >= 0 && label <= LAST_RESERVED_LABEL,
  algorithmOf: algorithmByCoseLabel,
  timeOf(value) {
    const seconds = taggedContent(value, EPOCH_TIME_TAG);
    if (typeof seconds !== 'number' || seconds < 0 || seconds > LATEST_TIME_MS / 1000) {
      return undefined;
    }
    return { ms: seconds * 1000, text: formatRfc3339(seconds * 1000) };
  },
};

/**
 * The COSE envelope of the Notary Project: a tagged COSE_Sign1 in deterministic CBOR.
 *
 *     18([ << {1: -37, 2: ["io.cncf.notary.signingScheme"],
 *              3: "application/vnd.cncf.notary.payload.v1+json",
 *              "io.cncf.notary.signingTime": 1(1661321924),
 *              "io.cncf.notary.signingScheme": "notary.x509"} >>,
 *          {33: [h'3082…', h'3082…'], "io.cncf.notary.signingAgent": "nv2/1.0.0"},
 *          h'7b22…', h'5bfe…' ])
 *
 * @see specifications/specs/signature-envelope-cose.md, RFC 9052 4.2 and 4.4
 */
export const coseFormat: EnvelopeFormat = {
  parse: parseCose,
  verificationScheme: (algorithm) => algorithm.scheme,
};

function parseCose(bytes: Uint8Array): EnvelopeForm {
  // of a copy, since byte strings are views
  const message = taggedContent(decode('envelope', new Uint8Array(bytes)), SIGN1_TAG);
  if (!Array.isArray(message) || message.length !== 4) {
    throw malformed('a COSE envelope is an array of four items under tag 18');
  }
  const [protectedBytes, unprotectedMap, payload, signature] = message;
  if (!(protectedBytes instanceof Uint8Array)) {
    throw malformed('the protected header must be a byte string');
  }
  if (!(payload instanceof Uint8Array)) {
    throw malformed('the payload must be a byte string inside the envelope');
  }
  if (!(signature instanceof Uint8Array)) throw malformed('the signature must be a byte string');

  const protectedHeader = readHeader(
    'protected header',
    decode('protected header', protectedBytes),
  );
  const unprotected = readHeader('unprotected header', unprotectedMap);
  assertSeparateHeaders(protectedHeader, unprotected);
  const attributes = readSignedAttributes(protectedHeader, COSE_VOCABULARY);
  assertCommonParameters(protectedHeader, unprotected);
  const signedData = sigStructure(protectedBytes, payload);
  return {
    attributes,
    signature,
    ...readUnprotected(unprotected),
    signedData,
    // out of what was verified, not out of the caller's bytes: the payload is the last item there
    payload: () => signedData.subarray(signedData.length - payload.length),
  };
}

/** RFC 9052 4.4: the Sig_structure, without external data. */
export function sigStructure(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload]);
}

function readUnprotected(
  header: Header,
): Pick<EnvelopeForm, 'certificates' | 'signingAgent' | 'timestampToken'> {
  const chain = header.get(LABEL.x5chain);
  // RFC 9360 2 allows a single certificate without array; the Notary Project does not
  if (!Array.isArray(chain) || chain.length === 0) {
    throw headerError(LABEL.x5chain, 'must be an array of at least one certificate');
  }
  assertChainLength(chain.length);
  const token = header.get(NOTARY_HEADER.timestampSignature);
  return {
    certificates: chain.map((item: AttributeValue) => byteString(LABEL.x5chain, item)),
    signingAgent: readSigningAgent(header),
    timestampToken:
      token === undefined ? undefined : byteString(NOTARY_HEADER.timestampSignature, token),
  };
}

function byteString(label: HeaderLabel, value: AttributeValue): Uint8Array {
  if (value instanceof Uint8Array && value.length > 0) return value;
  throw headerError(label, 'must be a byte string that is not empty');
}

function decode(part: string, bytes: Uint8Array): CborValue {
  return readingPart(part, 'ENVELOPE_MALFORMED', () =>
    decodeCbor(bytes, {
      maxDepth: ENVELOPE_LIMITS.maxNestingLevels,
      maxItems: ENVELOPE_LIMITS.maxItems,
    }),
  );
}

/** A map whose labels are integers or text (RFC 9052 1.5). */
function readHeader(part: string, value: CborValue | undefined): Header {
  if (!(value instanceof Map)) throw malformed(`the ${part} must be a map`);
  for (const label of value.keys()) {
    if (typeof label !== 'string' && typeof label !== 'number') {
      throw malformed(`a label in the ${part} is neither an integer nor text`);
    }
  }
  return value as Header;
}

/** The content of a tagged value with this tag; undefined for anything else. */
function taggedContent(value: AttributeValue, tag: number): CborValue | undefined {
  if (typeof value !== 'object' || value === null || !('tag' in value)) return undefined;
  return value.tag === tag ? value.value : undefined;
}

function malformed(message: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_MALFORMED', message);
}
