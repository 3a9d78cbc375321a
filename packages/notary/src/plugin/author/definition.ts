import type {
  DescribeKeyRequest,
  GenerateEnvelopeRequest,
  GenerateEnvelopeResponse,
  GenerateSignatureRequest,
  GenerateSignatureResponse,
  PluginMetadata,
  VerifySignatureRequest,
  VerifySignatureResponse,
} from '../contract.ts';
import { CAPABILITY } from '../contract.ts';
import { fault } from './fault.ts';

/** The specification of a signing key: it decides the algorithm. */
export type PluginKeySpec = 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'EC-256' | 'EC-384' | 'EC-521';

/** What a handler gives, at once or later. */
export type Answer<T> = T | Promise<T>;

/** A plugin: what it says of itself, and a handler for each command that its capabilities need. */
export interface PluginDefinition {
  /** The executable has to be called `notation-<name>`; the version is a semantic one. */
  readonly metadata: Omit<PluginMetadata, 'supportedContractVersions'>;
  /** The specification of the key of that id. */
  readonly describeKey?: (request: DescribeKeyRequest) => Answer<PluginKeySpec>;
  /** Hashes and signs `request.payload`: RSASSA-PSS, or ECDSA as r || s. */
  readonly generateSignature?: (
    request: GenerateSignatureRequest,
  ) => Answer<Pick<GenerateSignatureResponse, 'signature' | 'certificateChain'>>;
  /** An envelope of the type `request.signatureEnvelopeType`. */
  readonly generateEnvelope?: (
    request: GenerateEnvelopeRequest,
  ) => Answer<
    Pick<GenerateEnvelopeResponse, 'signatureEnvelope'> &
      Partial<Pick<GenerateEnvelopeResponse, 'annotations'>>
  >;
  /** A result for each capability in `request.trustPolicy.signatureVerification`. */
  readonly verifySignature?: (request: VerifySignatureRequest) => Answer<VerifySignatureResponse>;
}

type Handler = Exclude<keyof PluginDefinition, 'metadata'>;

const NEEDED: ReadonlyMap<string, readonly Handler[]> = new Map<string, readonly Handler[]>([
  [CAPABILITY.rawSignature, ['describeKey', 'generateSignature']],
  [CAPABILITY.envelope, ['generateEnvelope']],
  [CAPABILITY.blobEnvelope, ['generateEnvelope']],
  [CAPABILITY.trustedIdentity, ['verifySignature']],
  [CAPABILITY.revocationCheck, ['verifySignature']],
]);

/**
 * Refuses a plugin that promises what it does not do: it would be found out only when someone signs.
 *
 * @throws NotaryError `NOTARY_PLUGIN_FAILED`
 */
export function assertDefinition(definition: PluginDefinition): void {
  for (const capability of definition.metadata.capabilities) {
    for (const handler of NEEDED.get(capability) ?? []) {
      if (definition[handler] !== undefined) continue;
      throw fault('ERROR', `the plugin has the capability ${capability} and no ${handler}`);
    }
  }
}
