import type { Json } from './codec.ts';

/** The version of the plugin contract that nv2 speaks (plugin-extensibility.md). */
export const CONTRACT_VERSION = '1.0';

/** The next step where a plugin does not do as the contract says. */
export const CORRECT_IT = 'ask the maker of the plugin to correct it';

/** What a plugin can do, and says in its metadata. Others may exist; nv2 does not ask for them. */
export const CAPABILITY = {
  rawSignature: 'SIGNATURE_GENERATOR.RAW',
  envelope: 'SIGNATURE_GENERATOR.ENVELOPE',
  blobEnvelope: 'SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB',
  trustedIdentity: 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
  revocationCheck: 'SIGNATURE_VERIFIER.REVOCATION_CHECK',
} as const;

/** Settings that a user hands to a plugin; nv2 does not look at them. */
export type PluginConfig = ReadonlyMap<string, string>;

/** Request of `get-plugin-metadata`. */
export interface GetMetadataRequest {
  readonly pluginConfig: PluginConfig;
}

/** What a plugin says of itself. */
export interface PluginMetadata {
  readonly name: string;
  readonly description: string;
  /** Semantic version. */
  readonly version: string;
  readonly url: string;
  readonly supportedContractVersions: readonly string[];
  readonly capabilities: readonly string[];
}

/** Request of `describe-key`. */
export interface DescribeKeyRequest {
  readonly contractVersion: string;
  readonly keyId: string;
  readonly pluginConfig: PluginConfig;
}

/** Response of `describe-key`; `keySpec` is one of `RSA-2048`, … `EC-521`. */
export interface DescribeKeyResponse {
  readonly keyId: string;
  readonly keySpec: string;
}

/** Request of `generate-signature`: the plugin hashes `payload` and signs. */
export interface GenerateSignatureRequest {
  readonly contractVersion: string;
  readonly keyId: string;
  readonly keySpec: string;
  /** `SHA-256`, `SHA-384` or `SHA-512`. */
  readonly hashAlgorithm: string;
  readonly payload: Uint8Array;
  readonly pluginConfig: PluginConfig;
}

/** Response of `generate-signature`. */
export interface GenerateSignatureResponse {
  readonly keyId: string;
  readonly signature: Uint8Array;
  readonly signingAlgorithm: string;
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
}

/** Request of `generate-envelope`. */
export interface GenerateEnvelopeRequest {
  readonly contractVersion: string;
  readonly keyId: string;
  readonly payloadType: string;
  readonly signatureEnvelopeType: string;
  readonly payload: Uint8Array;
  /** 0: the signature does not expire. */
  readonly expiryDurationInSeconds: number;
  readonly pluginConfig: PluginConfig;
}

/** Response of `generate-envelope`. */
export interface GenerateEnvelopeResponse {
  readonly signatureEnvelope: Uint8Array;
  readonly signatureEnvelopeType: string;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Signed attributes of a signature that a plugin verifies. */
export interface PluginCriticalAttributes {
  readonly contentType: string;
  readonly signingScheme: string;
  /** RFC 3339; the reference writes the year 1 where the signature does not expire. */
  readonly expiry: string | undefined;
  /** RFC 3339; only of the scheme `notary.x509.signingAuthority`. */
  readonly authenticSigningTime: string | undefined;
  readonly extendedAttributes: ReadonlyMap<string, Json>;
}

/** Request of `verify-signature`. */
export interface VerifySignatureRequest {
  readonly contractVersion: string;
  readonly signature: {
    readonly criticalAttributes: PluginCriticalAttributes;
    readonly unprocessedAttributes: readonly string[];
    /** DER, leaf first. */
    readonly certificateChain: readonly Uint8Array[];
  };
  readonly trustPolicy: {
    readonly trustedIdentities: readonly string[];
    /** Capabilities that the plugin is asked to use. */
    readonly signatureVerification: readonly string[];
  };
  readonly pluginConfig: PluginConfig;
}

/** What a plugin found with one capability. */
export interface PluginVerificationResult {
  readonly success: boolean;
  readonly reason: string | undefined;
}

/** Response of `verify-signature`. */
export interface VerifySignatureResponse {
  /** By capability. */
  readonly verificationResults: ReadonlyMap<string, PluginVerificationResult>;
  readonly processedAttributes: readonly Json[];
}

/** What a plugin prints on its standard error when a command fails. */
export interface PluginFault {
  readonly errorCode: string;
  readonly errorMessage: string | undefined;
  readonly errorMetadata: ReadonlyMap<string, string>;
}

/** Every command of a plugin with its request and its response. */
export interface PluginCommands {
  readonly 'get-plugin-metadata': {
    readonly request: GetMetadataRequest;
    readonly response: PluginMetadata;
  };
  readonly 'describe-key': {
    readonly request: DescribeKeyRequest;
    readonly response: DescribeKeyResponse;
  };
  readonly 'generate-signature': {
    readonly request: GenerateSignatureRequest;
    readonly response: GenerateSignatureResponse;
  };
  readonly 'generate-envelope': {
    readonly request: GenerateEnvelopeRequest;
    readonly response: GenerateEnvelopeResponse;
  };
  readonly 'verify-signature': {
    readonly request: VerifySignatureRequest;
    readonly response: VerifySignatureResponse;
  };
}

/** The name of a command, which is the one argument of the plugin's executable. */
export type PluginCommand = keyof PluginCommands;
