import type { Signer } from '@nv2/envelope';
import type { PluginConfig } from '../contract.ts';
import { answerCommand, MAX_PLUGIN_REQUEST_BYTES } from './answer.ts';
import type { PluginDefinition } from './definition.ts';
import { fault, type PluginErrorCode } from './fault.ts';

export type { Json } from '../codec.ts';
export type {
  DescribeKeyRequest,
  GenerateEnvelopeRequest,
  GenerateEnvelopeResponse,
  GenerateSignatureRequest,
  GenerateSignatureResponse,
  PluginConfig,
  PluginCriticalAttributes,
  PluginVerificationResult,
  VerifySignatureRequest,
  VerifySignatureResponse,
} from '../contract.ts';
export type { Answer, PluginDefinition, PluginKeySpec } from './definition.ts';
export type { PluginErrorCode } from './fault.ts';

/** Where a plugin reads its request and writes its answer. */
export interface PluginProcess {
  /** The command is the last of them. */
  readonly argv: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: { write(bytes: Uint8Array): unknown };
  readonly stderr: { write(bytes: Uint8Array): unknown };
  exitCode?: number | string | null | undefined;
}

/**
 * Runs a plugin: reads one request, answers it, and sets the exit code. This is all that the
 * program of a plugin does; nothing else may be written to the standard output.
 *
 * ```ts
 * await runPlugin({ metadata, describeKey, generateSignature });
 * ```
 *
 * @see specifications plugin-extensibility.md
 */
export async function runPlugin(
  definition: PluginDefinition,
  io: PluginProcess = process,
): Promise<void> {
  const input = await readAll(io.stdin);
  const command = io.argv.length > 2 ? (io.argv.at(-1) ?? '') : '';
  const { exitCode, bytes } = await answerCommand(definition, command, input);
  (exitCode === 0 ? io.stdout : io.stderr).write(bytes);
  io.exitCode = exitCode;
}

/**
 * The error for a handler to throw. The user of `notation` reads the message, and nothing else: it
 * says what is wrong and what to do.
 */
export function pluginError(
  code: PluginErrorCode,
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): Error {
  return fault(code, message, metadata);
}

/** Finds the signer for a key id and the settings that the user has given. */
export type SignerFinder = (keyId: string, config: PluginConfig) => Promise<Signer>;

/**
 * The handlers of a plugin with the capability `SIGNATURE_GENERATOR.RAW`, for a key store that is a
 * {@link Signer} already.
 */
export function signerHandlers(
  find: SignerFinder,
): Required<Pick<PluginDefinition, 'describeKey' | 'generateSignature'>> {
  return {
    describeKey: async ({ keyId, pluginConfig }) =>
      (await find(keyId, pluginConfig)).algorithm.keySpec,
    generateSignature: async ({ keyId, keySpec, payload, pluginConfig }) => {
      const signer = await find(keyId, pluginConfig);
      const { algorithm } = signer;
      if (algorithm.keySpec !== keySpec) {
        const problem = `the key ${keyId} is of ${algorithm.keySpec}, the request is for ${keySpec}`;
        throw fault('VALIDATION_ERROR', problem);
      }
      const { signature, certificateChain } = await signer.sign(payload);
      return { signature, certificateChain: certificateChain.map(({ der }) => der) };
    },
  };
}

/** No more than a chunk beyond the limit, which is then refused as too much. */
async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_PLUGIN_REQUEST_BYTES) break;
  }
  return Buffer.concat(chunks);
}
