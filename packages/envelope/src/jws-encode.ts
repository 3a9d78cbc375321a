import { encodeBase64, encodeBase64Url, encodeUtf8, type JsonValue } from '@nv2/core';
import { NOTARY_HEADER, timeHeader } from './attributes.ts';
import type { ExtendedAttribute } from './content.ts';
import { EnvelopeError } from './errors.ts';
import type { EncodingRequest, UnsignedEnvelope } from './format.ts';
import { encodeGoJson, sortMembers } from './go-json.ts';
import { signingInput } from './jws.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { formatRfc3339 } from './rfc3339.ts';

/** A JWS envelope that only lacks its signature: see `jwsFormat`, which reads it. */
export function encodeJws(request: EncodingRequest): UnsignedEnvelope {
  const protectedText = encodeBase64Url(encodeUtf8(encodeGoJson(protectedHeader(request))));
  const payload = encodeBase64Url(request.payload);
  return {
    signedData: signingInput(protectedText, payload),
    complete: (signature, timestampToken) =>
      encodeUtf8(
        encodeGoJson(
          new Map<string, JsonValue>([
            ['payload', payload],
            ['protected', protectedText],
            ['header', unprotectedHeader(request, timestampToken)],
            ['signature', encodeBase64Url(signature)],
          ]),
        ),
      ),
  };
}

// the order is the reference's
function unprotectedHeader(
  { certificates, signingAgent }: EncodingRequest,
  timestampToken: Uint8Array | undefined,
): JsonValue {
  const header = new Map<string, JsonValue>();
  if (timestampToken !== undefined) {
    header.set(NOTARY_HEADER.timestampSignature, encodeBase64(timestampToken));
  }
  header.set('x5c', certificates.map(encodeBase64));
  if (signingAgent !== undefined) header.set(NOTARY_HEADER.signingAgent, signingAgent);
  return header;
}

function protectedHeader(request: EncodingRequest): JsonValue {
  const { scheme, expiry, utcOffsetMinutes } = request;
  const header = new Map<string, JsonValue>([
    ['alg', request.algorithm.name],
    ['cty', request.payloadType],
    [NOTARY_HEADER.signingScheme, scheme],
    [timeHeader(scheme), formatRfc3339(request.signingTime, utcOffsetMinutes)],
  ]);
  // the order in the list is the reference's: it is signed, so it is kept
  const critical: string[] = [NOTARY_HEADER.signingScheme];
  for (const attribute of request.extendedAttributes) {
    const { key, value } = jsonAttribute(attribute);
    header.set(key, value);
    if (attribute.critical) critical.push(key);
  }
  if (scheme === 'notary.x509.signingAuthority') critical.push(NOTARY_HEADER.authenticSigningTime);
  if (expiry !== undefined) {
    header.set(NOTARY_HEADER.expiry, formatRfc3339(expiry, utcOffsetMinutes));
    critical.push(NOTARY_HEADER.expiry);
  }
  header.set('crit', critical);
  return sortMembers(header);
}

function jsonAttribute({ key, value }: ExtendedAttribute): { key: string; value: JsonValue } {
  if (typeof key !== 'string' || !isJsonValue(value, ENVELOPE_LIMITS.maxNestingLevels)) {
    throw new EnvelopeError(
      'ENVELOPE_REQUEST_INVALID',
      `extended attribute ${JSON.stringify(key)} has no form in JSON`,
      { data: { header: key } },
    );
  }
  return { key, value };
}

/** Not deeper than so many levels, which also ends one that holds itself. */
function isJsonValue(value: unknown, levels: number): value is JsonValue {
  if (value === null || ['string', 'boolean', 'number'].includes(typeof value)) return true;
  if (levels === 0) return false;
  const inside = (item: unknown): boolean => isJsonValue(item, levels - 1);
  // spread, so that a hole counts as the undefined that it reads as
  if (Array.isArray(value)) return [...value].every(inside);
  if (!(value instanceof Map)) return false;
  return [...value].every(([key, item]) => typeof key === 'string' && inside(item));
}
