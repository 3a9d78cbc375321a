// A plugin with every command of the plugin contract, written with nv2, for notation-go to call. The
// id of a key is the path of its PEM file, and the setting "chain" that of its certificates.
import { type EnvelopeMediaType, signEnvelope } from '@nv2/envelope';
import { loadKeyPair } from '@nv2/notary';
import { type PluginConfig, pluginError, runPlugin, signerHandlers } from '@nv2/notary/plugin';

const IDENTITY = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY';
const REVOCATION = 'SIGNATURE_VERIFIER.REVOCATION_CHECK';

function findKey(keyId: string, config: PluginConfig): ReturnType<typeof loadKeyPair> {
  const chain = config.get('chain');
  if (!chain) throw pluginError('VALIDATION_ERROR', 'give --plugin-config chain=PATH');
  return loadKeyPair({ keyPath: keyId, certPath: chain });
}

await runPlugin({
  metadata: {
    name: 'complete',
    description: 'Has every command',
    version: '1.0.0',
    url: 'https://plugins.example/complete',
    capabilities: [
      ...['SIGNATURE_GENERATOR.RAW', 'SIGNATURE_GENERATOR.ENVELOPE'],
      ...[IDENTITY, REVOCATION],
    ],
  },
  ...signerHandlers(findKey),
  generateEnvelope: async ({ keyId, payload, payloadType, signatureEnvelopeType, ...request }) => {
    const signingTime = new Date();
    const seconds = request.expiryDurationInSeconds;
    const signatureEnvelope = await signEnvelope(
      signatureEnvelopeType as EnvelopeMediaType,
      {
        ...{ payload, payloadType, signingTime, scheme: 'notary.x509' },
        expiry: seconds === 0 ? undefined : new Date(signingTime.getTime() + seconds * 1000),
      },
      { signer: await findKey(keyId, request.pluginConfig) },
    );
    return { signatureEnvelope, annotations: new Map([['made.by', 'complete']]) };
  },
  verifySignature: ({ signature, trustPolicy }) => ({
    verificationResults: new Map([
      [IDENTITY, { success: trustPolicy.trustedIdentities.includes('*'), reason: 'a stranger' }],
      [REVOCATION, { success: true, reason: undefined }],
    ]),
    processedAttributes: signature.unprocessedAttributes,
  }),
});
