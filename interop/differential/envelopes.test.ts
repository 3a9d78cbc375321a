// Envelopes with one header changed, correctly signed, judged by nv2 and by notation-core-go.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeySpec } from '@nv2/core';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeContent,
  EnvelopeError,
  type EnvelopeErrorCode,
  JWS_MEDIA_TYPE,
  verifyEnvelope,
} from '@nv2/envelope';
import { makeChain } from '@nv2/testkit';
import { askPeer, type PeerResponses } from '../peer-client.ts';
import { skipWithoutPeers } from '../peers.ts';
import { type EnvelopeCase, envelopeCases } from './envelope-cases.ts';

const MEDIA_TYPES = { jws: JWS_MEDIA_TYPE, cose: COSE_MEDIA_TYPE } as const;

/** Where nv2 refuses what the reference lets pass, by code and the words of the reason. */
const STRICTER: readonly (readonly [EnvelopeErrorCode, RegExp])[] = [
  // RFC 7515 7.2.1, RFC 9052 3: no header is both
  ['ENVELOPE_HEADER_INVALID', /is both protected and unprotected$/],
  // RFC 7515 4.1.11, RFC 9052 3.1: none of the own specification, none twice
  ['ENVELOPE_CRITICAL_INVALID', /must not be marked critical$/],
  ['ENVELOPE_CRITICAL_INVALID', /is listed twice as critical$/],
  // signing scheme specification: the authentic time is for signing authorities; the reference
  // looks whether it is the zero time, not whether it is there
  ['ENVELOPE_HEADER_INVALID', /is not allowed in the scheme notary\.x509$/],
  // the reference takes null and the zero time for an absent time
  ['ENVELOPE_TIME_INVALID', /is not a time between 1970 and 9999/],
  ['ENVELOPE_HEADER_INVALID', /must be a media type, the one of the payload$/],
  ['ENVELOPE_HEADER_INVALID', /must be (?:base64 text|a byte string that is not empty)$/],
  ['ENVELOPE_HEADER_INVALID', /is a countersignature, which is not allowed$/],
];

/** And the other way round: "the verifier MUST NOT […] fail validation based on" the agent. */
const LAXER = /^jws \{"header":\{"io\.cncf\.notary\.signingAgent":/;

type Answer = PeerResponses['envelope-verify'];

async function judge({ envelope, format }: EnvelopeCase): Promise<EnvelopeContent | EnvelopeError> {
  try {
    return (await verifyEnvelope(envelope, MEDIA_TYPES[format])).content;
  } catch (error) {
    if (error instanceof EnvelopeError) return error;
    throw error;
  }
}

/** What both must have read, where both accept. */
function read({ scheme, signingTime, expiry, payloadType, extendedAttributes }: EnvelopeContent) {
  const attributes = extendedAttributes.map(({ key, critical }) => [String(key), critical]);
  return { scheme, signingTime, expiry, payloadType, attributes: attributes.sort() };
}

function readThere(answer: Answer): ReturnType<typeof read> {
  const attributes = (answer.extendedAttributes ?? []).map(({ key, critical }) => [
    String(key),
    critical,
  ]);
  const time = (text: string | undefined): number => Date.parse(text ?? '');
  return {
    scheme: answer.scheme as EnvelopeContent['scheme'],
    signingTime: time(answer.signingTime),
    expiry: answer.expiry === undefined ? undefined : time(answer.expiry),
    payloadType: answer.payloadType ?? '',
    attributes: attributes.sort(),
  };
}

type Difference =
  | { readonly laxer: string }
  | { readonly unlisted: string }
  | { readonly listed: (typeof STRICTER)[number] };

/** In what the two differ about an envelope, if they do. */
function difference(
  { name }: EnvelopeCase,
  ours: EnvelopeContent | EnvelopeError,
  theirs: Answer,
): Difference | undefined {
  if (!(ours instanceof EnvelopeError)) {
    if (!theirs.ok) return LAXER.test(name) ? undefined : { laxer: `${name}: ${theirs.error}` };
    assert.deepEqual(read(ours), readThere(theirs), name);
    return undefined;
  }
  if (!theirs.ok) return undefined;
  const listed = STRICTER.find(([code, words]) => code === ours.code && words.test(ours.message));
  return listed === undefined ? { unlisted: `${name}: ${ours.message}` } : { listed };
}

async function identity(algorithm: KeySpec): Promise<Parameters<typeof envelopeCases>[0]> {
  const { chain, leafKey } = await makeChain({ algorithm, depth: 2 });
  return { chain, key: leafKey };
}

const skip = await skipWithoutPeers('nv2-peer');

describe('envelopes under nv2 and notation-core-go', { skip }, () => {
  test('nv2 accepts nothing that the reference refuses, reads the same, and is stricter only where listed', async (t) => {
    const cases = await envelopeCases(
      await identity({ kind: 'ec', curve: 'P-256' }),
      await identity({ kind: 'rsa', modulusBits: 2048 }),
    );
    const requests = cases.map(({ format, envelope }) => ({ format, envelope }));
    const answers = await askPeer('envelope-verify', requests);
    const verdicts = await Promise.all(cases.map(judge));
    const differences = cases.flatMap((one, i) => {
      const [ours, theirs] = [verdicts[i], answers[i]];
      assert.ok(ours && theirs);
      return difference(one, ours, theirs) ?? [];
    });
    const listed = new Set(differences.flatMap((one) => ('listed' in one ? [one.listed] : [])));
    assert.deepEqual(
      differences.filter((one) => !('listed' in one)),
      [],
    );
    assert.deepEqual(
      STRICTER.filter((entry) => !listed.has(entry)),
      [],
    );
    const refused = verdicts.filter((verdict) => verdict instanceof EnvelopeError).length;
    t.diagnostic(`${cases.length} envelopes, nv2 accepts ${cases.length - refused}`);
    assert.ok(refused > 1000 && cases.length - refused > 500);
  });
});
