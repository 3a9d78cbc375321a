import { type CryptoPort, defaultCrypto } from '@nv2/core';
import { validateCodeSigningChain } from '@nv2/x509';
import { parseChain, withChainErrors } from './chain.ts';
import type {
  EnvelopeContent,
  EnvelopeMediaType,
  UnverifiedEnvelope,
  VerifiedEnvelope,
} from './content.ts';
import { EnvelopeError } from './errors.ts';
import type { EnvelopeForm } from './format.ts';
import { envelopeFormat } from './formats.ts';
import { ENVELOPE_LIMITS } from './limits.ts';
import { leafAlgorithm } from './signer.ts';

/**
 * Takes an envelope apart and checks its form: encoding, headers, criticality, times, certificates
 * that parse, an algorithm that fits the leaf's key. No signature is verified: what comes back is
 * for showing to people (inspect), never for a decision.
 * @throws EnvelopeError any code but `ENVELOPE_SIGNATURE_INVALID`
 */
export function parseEnvelope(bytes: Uint8Array, mediaType: EnvelopeMediaType): UnverifiedEnvelope {
  const { form, chain } = takeApart(bytes, mediaType);
  return { content: contentOf(mediaType, form, chain) };
}

/**
 * As {@link parseEnvelope}, and the chain is complete, in order, correctly signed and fit for code
 * signing. Whether the chain's leaf signed anything is not looked at: this too is for showing only.
 * @throws EnvelopeError any code but `ENVELOPE_SIGNATURE_INVALID`
 */
export async function inspectEnvelope(
  bytes: Uint8Array,
  mediaType: EnvelopeMediaType,
  options: { readonly crypto?: CryptoPort } = {},
): Promise<UnverifiedEnvelope> {
  const envelope = parseEnvelope(bytes, mediaType);
  const { certificateChain } = envelope.content;
  await withChainErrors(() => validateCodeSigningChain(certificateChain, options));
  return envelope;
}

/**
 * Verifies an envelope and returns the proof: the form is what the specification demands, the
 * algorithm is the one the leaf's key fixes, the signature holds over payload and protected headers,
 * and the chain is complete, in order, correctly signed and fit for code signing. The payload is
 * decoded only after the signature holds.
 *
 * Not judged here, since no clock and no trust store is at hand: whether the chain is trusted,
 * validity periods, expiry, revocation, timestamp, critical extended attributes, payload type.
 * @throws EnvelopeError `ENVELOPE_SIGNATURE_INVALID`, `ENVELOPE_CHAIN_INVALID` (cause says why),
 *   `ENVELOPE_ALGORITHM_MISMATCH`, and those of {@link parseEnvelope}
 * @see specifications/specs/trust-store-trust-policy.md, "Steps", integrity
 */
export async function verifyEnvelope(
  bytes: Uint8Array,
  mediaType: EnvelopeMediaType,
  options: { readonly crypto?: CryptoPort } = {},
): Promise<VerifiedEnvelope> {
  const crypto = options.crypto ?? defaultCrypto;
  const { form, chain } = takeApart(bytes, mediaType, crypto);
  await assertSignature(form, chain, { mediaType, crypto });
  const validated = await withChainErrors(() =>
    validateCodeSigningChain(chain.certificates, { crypto }),
  );
  const proof: Omit<VerifiedEnvelope, keyof VerifiedEnvelope & symbol> = {
    content: contentOf(mediaType, form, chain),
    chain: validated,
  };
  return proof as VerifiedEnvelope;
}

type Chain = ReturnType<typeof parseChain>;

function takeApart(
  bytes: Uint8Array,
  mediaType: EnvelopeMediaType,
  crypto?: CryptoPort,
): { readonly form: EnvelopeForm; readonly chain: Chain } {
  const format = envelopeFormat(mediaType);
  const { maxEnvelopeBytes } = ENVELOPE_LIMITS;
  if (bytes.length > maxEnvelopeBytes) {
    throw new EnvelopeError(
      'ENVELOPE_LIMIT_EXCEEDED',
      `the envelope has ${bytes.length} bytes, at most ${maxEnvelopeBytes} are read`,
      { data: { bytes: bytes.length, maxEnvelopeBytes } },
    );
  }
  const form = format.parse(bytes);
  const chain = parseChain(form.certificates, crypto);
  // the leaf's key is the source of truth, the header only has to agree
  const { algorithm } = leafAlgorithm(chain.leaf);
  if (form.attributes.algorithm !== algorithm) {
    throw new EnvelopeError(
      'ENVELOPE_ALGORITHM_MISMATCH',
      `the envelope says ${form.attributes.algorithm.name}, the leaf certificate's key fixes ${algorithm.name}`,
      { data: { header: form.attributes.algorithm.name, leaf: algorithm.name } },
    );
  }
  return { form, chain };
}

async function assertSignature(
  form: EnvelopeForm,
  chain: Chain,
  { mediaType, crypto }: { readonly mediaType: EnvelopeMediaType; readonly crypto: CryptoPort },
): Promise<void> {
  const { key, algorithm } = leafAlgorithm(chain.leaf);
  const { signature, signedData } = form;
  const scheme = envelopeFormat(mediaType).verificationScheme(algorithm);
  // a value of another length could be one that a lax provider pads or cuts into the right one
  const holds =
    signature.length === algorithm.signatureBytes &&
    (await withChainErrors(() => crypto.verify(key, scheme, signedData, signature)));
  // what is merely true enough is no answer
  if (holds !== true) {
    throw new EnvelopeError(
      'ENVELOPE_SIGNATURE_INVALID',
      `the ${algorithm.name} signature does not hold with the key of the leaf certificate`,
      { data: { algorithm: algorithm.name, mediaType, signatureBytes: signature.length } },
    );
  }
}

function contentOf(
  mediaType: EnvelopeMediaType,
  form: EnvelopeForm,
  chain: Chain,
): EnvelopeContent {
  const { attributes, signingAgent, timestampToken } = form;
  const { expiry } = attributes;
  const payload = form.payload();
  if (payload.length === 0) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'the payload is empty');
  }
  return {
    mediaType,
    payload,
    payloadType: attributes.payloadType,
    scheme: attributes.scheme,
    signingTime: attributes.signingTime.ms,
    signingTimeText: attributes.signingTime.text,
    ...(expiry === undefined ? {} : { expiry: expiry.ms, expiryText: expiry.text }),
    extendedAttributes: attributes.extended,
    algorithm: attributes.algorithm,
    signature: form.signature,
    certificateChain: chain.certificates,
    ...(signingAgent === undefined ? {} : { signingAgent }),
    ...(timestampToken === undefined ? {} : { timestampToken }),
  };
}
