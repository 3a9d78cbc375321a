// What verifying an envelope costs beyond its signature checks: an envelope with a chain of three
// certificates, nothing parsed before, beside the four bare verifications that it cannot do without
// (envelope, leaf, intermediate, root), on bytes laid ready, each key imported once: by `node:crypto`
// as its documentation shows it, which the bound is about, and as nv2 itself calls it, which is faster.
import { constants, createPublicKey, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { CryptoPort, KeySpec } from '@nv2/core';
import { createNodeCrypto } from '@nv2/core/node-crypto';
import {
  COSE_MEDIA_TYPE,
  type EnvelopeMediaType,
  encodePayload,
  JWS_MEDIA_TYPE,
  localSigner,
  PAYLOAD_MEDIA_TYPE,
  signEnvelope,
  verifyEnvelope,
} from '@nv2/envelope';
import { makeChain } from '@nv2/testkit';
import { measurePair, printTable, type Row } from './measure.ts';

/** Every key is imported each time, on both sides. */
const crypto = createNodeCrypto({ maxKnownKeys: 0 });

/** Bound of the specification of nv2: the whole over its bare signature checks by `node:crypto`. */
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

type SignatureCheck = Parameters<CryptoPort['verify']>;

/** The signature checks of an envelope, on the keys and bytes that the verifier used. */
async function checksOf(
  bytes: Uint8Array,
  mediaType: EnvelopeMediaType,
): Promise<readonly SignatureCheck[]> {
  const calls: SignatureCheck[] = [];
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
  return calls;
}

/** RSA keys as PKCS#1, which OpenSSL reads faster than a SubjectPublicKeyInfo. */
function asDocumented([key, scheme, data, signature]: SignatureCheck): void {
  const der = key.kind === 'rsa' ? key.pkcs1 : key.spki;
  const publicKey = createPublicKey({
    key: Buffer.from(der.buffer, der.byteOffset, der.length),
    format: 'der',
    type: key.kind === 'rsa' ? 'pkcs1' : 'spki',
  });
  const input: VerifyKeyObjectInput = { key: publicKey };
  if (scheme.kind === 'ecdsa') input.dsaEncoding = scheme.encoding === 'raw' ? 'ieee-p1363' : 'der';
  else if (scheme.kind === 'rsa-pkcs1') input.padding = constants.RSA_PKCS1_PADDING;
  else {
    input.padding = constants.RSA_PKCS1_PSS_PADDING;
    input.saltLength =
      scheme.saltLength === 'any' ? constants.RSA_PSS_SALTLEN_AUTO : scheme.saltLength;
  }
  if (!verify(scheme.hash, data, input, signature)) throw new Error('a signature does not hold');
}

async function asCalledHere(check: SignatureCheck): Promise<void> {
  if (!(await crypto.verify(...check))) throw new Error('a signature does not hold');
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

/** Long samples: in short ones each side pays for the garbage of the other. */
const LONG = {
  runs: 21,
  callsPerRun: 3 * ENVELOPES,
  // the compiler of the runtime goes on improving the code for so long
  warmUpCalls: 60 * ENVELOPES,
};

const rows: Row[] = [];
for (const [keyName, key] of KEYS) {
  for (const [formatName, mediaType] of FORMATS) {
    const name = `${formatName} ${keyName}`;
    const verified: Check[] = [];
    const documented: Check[] = [];
    const called: Check[] = [];
    for (let i = 0; i < ENVELOPES; i++) {
      const bytes = await makeEnvelope(key, mediaType);
      const checks = await checksOf(bytes, mediaType);
      verified.push(async () => {
        await verifyEnvelope(bytes, mediaType, { crypto });
      });
      documented.push(async () => checks.forEach(asDocumented));
      called.push(async () => {
        for (const check of checks) await asCalledHere(check);
      });
    }
    const pair = await measurePair(inTurn(verified), inTurn(documented), LONG);
    const ours = await measurePair(inTurn(verified), inTurn(called), LONG);
    rows.push(
      { name: `${name}: verified, cold`, timing: pair.first, unit: 'µs' },
      { name: `${name}: four checks by node:crypto`, timing: pair.second, unit: 'µs' },
      { name: `${name}: four checks as called here`, timing: ours.second, unit: 'µs' },
      {
        name: `${name}: verified over node:crypto`,
        timing: pair.ratio,
        unit: '×',
        atMost: AT_MOST,
      },
      { name: `${name}: verified over as called here`, timing: ours.ratio, unit: '×' },
    );
  }
}
printTable('envelopes with three certificates', rows);
