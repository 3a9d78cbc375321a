import { type CborMap, type CborValue, cborTag, encodeCbor } from '@nv2/core';
import { NOTARY_HEADER, timeHeader } from './attributes.ts';
import type { HeaderLabel } from './content.ts';
import { EPOCH_TIME_TAG, LABEL, SIGN1_TAG, sigStructure } from './cose.ts';
import { readingPart } from './errors.ts';
import type { EncodingRequest, UnsignedEnvelope } from './format.ts';

/** A COSE envelope that only lacks its signature: see `coseFormat`, which reads it. */
export function encodeCose(request: EncodingRequest): UnsignedEnvelope {
  const protectedBytes = readingPart('protected header', 'ENVELOPE_REQUEST_INVALID', () =>
    encodeCbor(protectedHeader(request)),
  );
  return {
    signedData: sigStructure(protectedBytes, request.payload),
    complete: (signature, timestampToken) => {
      const unprotected = unprotectedHeader(request, timestampToken);
      return encodeCbor(
        cborTag(SIGN1_TAG, [protectedBytes, unprotected, request.payload, signature]),
      );
    },
  };
}

function unprotectedHeader(
  { certificates, signingAgent }: EncodingRequest,
  timestampToken: Uint8Array | undefined,
): CborMap {
  const header = new Map<HeaderLabel, CborValue>([[LABEL.x5chain, certificates]]);
  if (timestampToken !== undefined) {
    header.set(NOTARY_HEADER.timestampSignature, timestampToken);
  }
  if (signingAgent !== undefined) header.set(NOTARY_HEADER.signingAgent, signingAgent);
  return header;
}

function protectedHeader(request: EncodingRequest): CborMap {
  const { scheme, expiry } = request;
  const header = new Map<HeaderLabel, CborValue>([
    [LABEL.algorithm, request.algorithm.cose],
    [LABEL.contentType, request.payloadType],
    [NOTARY_HEADER.signingScheme, scheme],
    [timeHeader(scheme), epochTime(request.signingTime)],
  ]);
  // the order in the list is the reference's: it is signed, so it is kept
  const critical: HeaderLabel[] = [NOTARY_HEADER.signingScheme];
  if (scheme === 'notary.x509.signingAuthority') critical.push(NOTARY_HEADER.authenticSigningTime);
  if (expiry !== undefined) {
    header.set(NOTARY_HEADER.expiry, epochTime(expiry));
    critical.push(NOTARY_HEADER.expiry);
  }
  for (const attribute of request.extendedAttributes) {
    header.set(attribute.key, attribute.value as CborValue);
    if (attribute.critical) critical.push(attribute.key);
  }
  header.set(LABEL.critical, critical);
  return header;
}

function epochTime(ms: number): CborValue {
  return cborTag(EPOCH_TIME_TAG, ms / 1000);
}
