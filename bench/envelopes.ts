// What verifying an envelope costs beyond its signature checks: an envelope with a chain of three
// certificates, nothing parsed before, beside the four bare verifications that it cannot do without
// (envelope, leaf, intermediate, root), on keys and bytes laid ready.
import type { CryptoPort, KeySpec } from '@nv2/core';
import { createNodeCrypto } from '@nv2/core/node-crypto';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  parseEnvelope,
  signEnvelope,
  verifyEnvelope,
} from '@nv2/envelope';
import { makeChain } from '@nv2/testkit';
import { measure, measurePair, printTable, type Row } from './measure.ts';

/** Every key is imported each time, on both sides. */
const crypto = createNodeCrypto({ maxKnownKeys: 0 });

/** Bound of the specification of nv2: the whole over its bare signature checks. */
const AT_MOST = 1.3;

const KEYS: readonly (readonly [string, KeySpec])[] = [
  ['RSA-2048', { kind: 'rsa', modulusBits: 2048 }],
  ['P-256', { kind: 'ec', curve: 'P-256' }],
];

const FORMATS: readonly (readonly [string, EnvelopeMediaType])[] = [
  ['JWS', JWS_MEDIA_TYPE],
  ['COSE', COSE_MEDIA_TYPE],
];

async function makeEnvelope(key: KeySpec, mediaType: EnvelopeMediaType): Promise<Uint8Array> {
  const { chain, leafKey } = await makeChain({ algorithm: key, authority: key, depth: 3 });
  const target = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'7'.repeat(64)}`,
    size: 16_724,
  };
  return signEnvelope(
    mediaType,
    {
      payload: encodePayload(target, mediaType),
      payloadType: PAYLOAD_MEDIA_TYPE,
      scheme: 'notary.x509',
      signingTime: new Date(),
      signingAgent: 'nv2/0.1.0',
    },
    { signer: localSigner(leafKey, chain) },
  );
}

/**
 * The signature checks of an envelope alone, on the keys and bytes that the verifier used: what any
 * verifier must spend, importing each key once.
 */
async function bareChecks(bytes: Uint8Array, mediaType: EnvelopeMediaType): Promise<Check> {
  const calls: Parameters<CryptoPort['verify']>[] = [];
  const listening: CryptoPort = {
    ...crypto,
    verify: (...call) => {
      calls.push(call);
      return crypto.verify(...call);
    },
  };
  const { chain } = await verifyEnvelope(bytes, mediaType, { crypto: listening });
  if (calls.length !== chain.certificates.length + 1) {
    throw new Error(
      `${calls.length} signature checks for ${chain.certificates.length} certificates`,
    );
  }
  return async () => {
    for (const call of calls) await crypto.verify(...call);
  };
}

type Check = () => Promise<void>;

/** More than nv2 remembers, so that every chain is met as if for the first time. */
const ENVELOPES = 160;

/** Calls one after the other, from the start again after the last. */
function inTurn(checks: readonly (() => Promise<unknown>)[]): () => Promise<unknown> {
  let next = 0;
  return async () => {
    const check = checks[next];
    next = (next + 1) % checks.length;
    await check?.();
  };
}

const rows: Row[] = [];
for (const [keyName, key] of KEYS) {
  for (const [formatName, mediaType] of FORMATS) {
    const envelopes: Uint8Array[] = [];
    const bare: Check[] = [];
    for (let i = 0; i < ENVELOPES; i++) {
      const bytes = await makeEnvelope(key, mediaType);
      envelopes.push(bytes);
      bare.push(await bareChecks(bytes, mediaType));
    }
    const cold = envelopes.map((bytes) => () => verifyEnvelope(bytes, mediaType, { crypto }));
    const pair = await measurePair(inTurn(cold), inTurn(bare), {
      // long samples: in short ones each pays for the garbage of the other
      runs: 21,
      callsPerRun: 5 * ENVELOPES,
      // the compiler of the runtime goes on improving the code for so long
      warmUpCalls: 60 * ENVELOPES,
    });
    const [bytes] = envelopes;
    const parsing = await measure(() => bytes && parseEnvelope(bytes, mediaType));
    const name = `${formatName} ${keyName}`;
    rows.push(
      { name: `${name}: verified, cold`, timing: pair.first, unit: 'µs' },
      { name: `${name}: four bare signature checks`, timing: pair.second, unit: 'µs' },
      { name: `${name}: parsed only`, timing: parsing, unit: 'µs' },
      { name: `${name}: verified over bare`, timing: pair.ratio, unit: '×', atMost: AT_MOST },
    );
  }
}
printTable('envelopes with three certificates', rows);
