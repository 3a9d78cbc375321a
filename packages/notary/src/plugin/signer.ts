import { quoted } from '@nv2/core';
import {
  algorithmByKeySpec,
  type EnvelopeMediaType,
  PAYLOAD_MEDIA_TYPE,
  type SignatureAlgorithm,
  type Signer,
} from '@nv2/envelope';
import { type Certificate, parseCertificate } from '@nv2/x509';
import { NotaryError } from '../errors.ts';
import type { EnvelopeGenerator, EnvelopeSource } from '../sign-envelope.ts';
import { answerRefused, type PluginKeyName } from './answer-refused.ts';
import {
  CAPABILITY,
  CONTRACT_VERSION,
  type GenerateSignatureResponse,
  type PluginConfig,
  type PluginMetadata,
} from './contract.ts';
import { pluginMetadata } from './metadata.ts';
import type { Plugin } from './plugin.ts';

/** Which key of a plugin signs, and what. */
export interface PluginSignerOptions {
  /** As the plugin knows the key. Not empty. */
  readonly keyId: string;
  readonly pluginConfig?: PluginConfig;
  /** What is to be signed; of a blob the digest algorithm follows the key. Default `artifact`. */
  readonly purpose?: 'artifact' | 'blob';
  readonly signal?: AbortSignal;
}

/**
 * A key of a plugin, to sign with. A plugin that can sign bytes is the same as a local key; of one
 * that can only make whole envelopes, every envelope is checked. Nothing that a plugin answers is
 * believed: what it signs is verified before it is used.
 *
 * @throws NotaryError `NOTARY_PLUGIN_CAPABILITY_MISSING`, `NOTARY_PLUGIN_ANSWER_REFUSED`,
 *   `NOTARY_KEY_NAME_EMPTY`; those of `pluginMetadata` and of {@link Plugin.call}, also when signing
 * @see specifications plugin-extensibility.md "Signing interfaces"
 */
export async function pluginSigner(
  plugin: Plugin,
  options: PluginSignerOptions,
): Promise<EnvelopeSource> {
  const { keyId, pluginConfig = new Map(), purpose = 'artifact', signal } = options;
  if (keyId === '') {
    throw new NotaryError('NOTARY_KEY_NAME_EMPTY', 'the key id is empty', {
      data: { field: 'id' },
    });
  }
  const key: PluginKey = { plugin, keyId, pluginConfig, ...(signal && { signal }) };
  const metadata = await pluginMetadata(plugin, pluginConfig, call(key));
  const { capabilities } = metadata;
  if (capabilities.includes(CAPABILITY.rawSignature)) return rawSigner(key, metadata);
  if (purpose === 'artifact' && capabilities.includes(CAPABILITY.envelope)) {
    return envelopeGenerator(key);
  }
  if (purpose === 'blob' && capabilities.includes(CAPABILITY.blobEnvelope)) {
    return { ...envelopeGenerator(key), algorithm: await describeKey(key) };
  }
  throw new NotaryError(
    'NOTARY_PLUGIN_CAPABILITY_MISSING',
    `the plugin ${plugin.name} cannot sign ${purpose}s, it can [${capabilities.join(' ')}]`,
    { data: { plugin: plugin.name, purpose, capabilities }, hint: 'sign with another plugin' },
  );
}

interface PluginKey {
  readonly plugin: Plugin;
  readonly keyId: string;
  readonly pluginConfig: PluginConfig;
  readonly signal?: AbortSignal;
}

function call({ signal }: PluginKey): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function keyRequest({ keyId, pluginConfig }: PluginKey): {
  readonly contractVersion: string;
  readonly keyId: string;
  readonly pluginConfig: PluginConfig;
} {
  return { contractVersion: CONTRACT_VERSION, keyId, pluginConfig };
}

async function rawSigner(
  key: PluginKey,
  { name, version }: PluginMetadata,
): Promise<Signer & { readonly agent: string; readonly pluginKey: PluginKeyName }> {
  // 5.1.1 describe-key
  const algorithm = await describeKey(key);
  return {
    algorithm,
    agent: `${name}/${version}`,
    pluginKey: nameOf(key),
    sign: async (payload) => {
      // 5.1.3 generate-signature
      const request = {
        ...keyRequest(key),
        keySpec: algorithm.keySpec,
        hashAlgorithm: hashName(algorithm),
        payload,
      };
      const response = await key.plugin.call('generate-signature', request, call(key));
      assertKeyId(key, response.keyId, 'generateSignature');
      assertSigningAlgorithm(key, response, algorithm);
      const certificateChain = parseChain(key, response.certificateChain);
      return { signature: response.signature, certificateChain };
    },
  };
}

function envelopeGenerator(key: PluginKey): EnvelopeGenerator {
  return {
    pluginKey: nameOf(key),
    generate: async ({ payload, format, expirySeconds }) => {
      const request = {
        ...keyRequest(key),
        payload,
        payloadType: PAYLOAD_MEDIA_TYPE,
        signatureEnvelopeType: format,
        expiryDurationInSeconds: expirySeconds,
      };
      const response = await key.plugin.call('generate-envelope', request, call(key));
      assertEnvelopeType(key, response.signatureEnvelopeType, format);
      return { bytes: response.signatureEnvelope, annotations: response.annotations };
    },
  };
}

async function describeKey(key: PluginKey): Promise<SignatureAlgorithm> {
  const response = await key.plugin.call('describe-key', keyRequest(key), call(key));
  assertKeyId(key, response.keyId, 'describeKey');
  const algorithm = algorithmByKeySpec(response.keySpec);
  if (algorithm !== undefined) return algorithm;
  throw refused(key, 'key-spec', `its key is of ${quoted(response.keySpec)}, which cannot sign`);
}

function assertKeyId(key: PluginKey, got: string, command: string): void {
  if (got === key.keyId) return;
  const problem = `its ${command} is for the key ${quoted(got)}, expected ${quoted(key.keyId)}`;
  throw refused(key, 'key-id', problem, { command, got, expected: key.keyId });
}

function assertSigningAlgorithm(
  key: PluginKey,
  { signingAlgorithm }: GenerateSignatureResponse,
  algorithm: SignatureAlgorithm,
): void {
  const family = algorithm.key.kind === 'rsa' ? 'RSASSA-PSS' : 'ECDSA';
  const expected = `${family}-${hashName(algorithm)}`;
  if (signingAlgorithm === expected) return;
  const problem = `it signed with ${quoted(signingAlgorithm)}, expected ${expected}`;
  throw refused(key, 'signing-algorithm', problem, { got: signingAlgorithm, expected });
}

function assertEnvelopeType(key: PluginKey, got: string, expected: EnvelopeMediaType): void {
  if (got === expected) return;
  const problem = `it made an envelope of type ${quoted(got)}, expected ${expected}`;
  throw refused(key, 'envelope-type', problem, { got, expected });
}

function parseChain(key: PluginKey, chain: readonly Uint8Array[]): readonly Certificate[] {
  return chain.map((der, index) => {
    try {
      return parseCertificate(der);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const problem = `certificate ${index + 1} of its chain cannot be read: ${reason}`;
      throw refused(key, 'certificate', problem, { index }, cause);
    }
  });
}

function refused(
  key: PluginKey,
  rule: string,
  problem: string,
  data: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): NotaryError {
  return answerRefused(nameOf(key), { rule, problem, data, cause });
}

function nameOf({ plugin, keyId }: PluginKey): PluginKeyName {
  return { plugin: plugin.name, keyId };
}

/** The name of the digest algorithm in the plugin contract. */
function hashName({ hash }: SignatureAlgorithm): string {
  return hash.replace('sha', 'SHA-');
}
