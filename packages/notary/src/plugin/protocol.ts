import {
  anything,
  bool,
  type Codec,
  count,
  list,
  mapOf,
  octets,
  optionalText,
  struct,
  text,
  textMap,
} from './codec.ts';
import type {
  DescribeKeyRequest,
  DescribeKeyResponse,
  GenerateEnvelopeRequest,
  GenerateEnvelopeResponse,
  GenerateSignatureRequest,
  GenerateSignatureResponse,
  GetMetadataRequest,
  PluginCommand,
  PluginCommands,
  PluginCriticalAttributes,
  PluginFault,
  PluginMetadata,
  PluginVerificationResult,
  VerifySignatureRequest,
  VerifySignatureResponse,
} from './contract.ts';

/** How requests and responses are written and read, for both ends of the pipe. */
export const COMMANDS: {
  readonly [C in PluginCommand]: {
    readonly request: Codec<PluginCommands[C]['request']>;
    readonly response: Codec<PluginCommands[C]['response']>;
  };
} = {
  'get-plugin-metadata': {
    request: struct<GetMetadataRequest>({ pluginConfig: textMap }),
    response: struct<PluginMetadata>({
      name: text,
      description: text,
      version: text,
      url: text,
      supportedContractVersions: list(text),
      capabilities: list(text),
    }),
  },
  'describe-key': {
    request: struct<DescribeKeyRequest>({
      contractVersion: text,
      keyId: text,
      pluginConfig: textMap,
    }),
    response: struct<DescribeKeyResponse>({ keyId: text, keySpec: text }),
  },
  'generate-signature': {
    request: struct<GenerateSignatureRequest>({
      contractVersion: text,
      keyId: text,
      keySpec: text,
      hashAlgorithm: text,
      payload: octets,
      pluginConfig: textMap,
    }),
    response: struct<GenerateSignatureResponse>({
      keyId: text,
      signature: octets,
      signingAlgorithm: text,
      certificateChain: list(octets),
    }),
  },
  'generate-envelope': {
    request: struct<GenerateEnvelopeRequest>({
      contractVersion: text,
      keyId: text,
      payloadType: text,
      signatureEnvelopeType: text,
      payload: octets,
      expiryDurationInSeconds: count,
      pluginConfig: textMap,
    }),
    response: struct<GenerateEnvelopeResponse>({
      signatureEnvelope: octets,
      signatureEnvelopeType: text,
      annotations: textMap,
    }),
  },
  'verify-signature': {
    request: struct<VerifySignatureRequest>({
      contractVersion: text,
      signature: struct<VerifySignatureRequest['signature']>({
        criticalAttributes: struct<PluginCriticalAttributes>({
          contentType: text,
          signingScheme: text,
          expiry: optionalText,
          authenticSigningTime: optionalText,
          extendedAttributes: omitEmpty(mapOf(anything)),
        }),
        unprocessedAttributes: list(text, { emptyIsNull: true }),
        certificateChain: list(octets),
      }),
      trustPolicy: struct<VerifySignatureRequest['trustPolicy']>({
        trustedIdentities: list(text),
        signatureVerification: list(text),
      }),
      pluginConfig: textMap,
    }),
    response: struct<VerifySignatureResponse>({
      verificationResults: mapOf(
        struct<PluginVerificationResult>({ success: bool, reason: optionalText }),
      ),
      processedAttributes: list(anything),
    }),
  },
};

/** How a failure is written and read. */
export const FAULT: Codec<PluginFault> = struct<PluginFault>({
  errorCode: text,
  errorMessage: optionalText,
  errorMetadata: textMap,
});

function omitEmpty<T>(codec: Codec<ReadonlyMap<string, T>>): Codec<ReadonlyMap<string, T>> {
  return { ...codec, encode: (map) => (map.size === 0 ? undefined : codec.encode(map)) };
}
