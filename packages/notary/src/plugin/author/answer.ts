import { decodeUtf8, encodeUtf8, quoted } from '@nv2/core';
import { decodeGoJson } from '../../files/go-decode.ts';
import type { Codec } from '../codec.ts';
import {
  CONTRACT_VERSION,
  type GenerateSignatureRequest,
  type PluginCommand,
  type PluginCommands,
  type VerifySignatureRequest,
} from '../contract.ts';
import { COMMANDS, FAULT } from '../protocol.ts';
import { assertDefinition, type PluginDefinition } from './definition.ts';
import { fault, faultOf } from './fault.ts';

/** A request larger than this is refused: notation sends and takes no more. */
export const MAX_PLUGIN_REQUEST_BYTES: number = 64 * 1024 * 1024;

/** What a plugin prints: on its standard output with exit code 0, else on its standard error. */
export interface PluginOutput {
  readonly exitCode: 0 | 1;
  readonly bytes: Uint8Array;
}

type Request<C extends PluginCommand> = PluginCommands[C]['request'];
type Response<C extends PluginCommand> = PluginCommands[C]['response'];

/**
 * Answers one command of the plugin contract. Never rejects: what goes wrong is answered as the
 * contract has it.
 *
 * @see specifications plugin-extensibility.md "Plugin contract"
 */
export async function answerCommand(
  definition: PluginDefinition,
  command: string,
  input: Uint8Array,
): Promise<PluginOutput> {
  try {
    assertDefinition(definition);
    return { exitCode: 0, bytes: encodeUtf8(`${await respond(definition, command, input)}\n`) };
  } catch (error) {
    const said = JSON.stringify(FAULT.encode(faultOf(error)));
    return { exitCode: 1, bytes: encodeUtf8(`${said}\n`) };
  }
}

async function respond(
  definition: PluginDefinition,
  command: string,
  input: Uint8Array,
): Promise<string> {
  if (!isCommand(command)) {
    const known = Object.keys(COMMANDS).join(', ');
    throw fault('VALIDATION_ERROR', `expected one of the commands ${known}, got ${command}`);
  }
  return await ANSWERS[command](definition, input);
}

function isCommand(command: string): command is PluginCommand {
  return Object.hasOwn(COMMANDS, command);
}

type Answers = {
  readonly [C in PluginCommand]: (
    definition: PluginDefinition,
    input: Uint8Array,
  ) => Promise<string>;
};

const ANSWERS: Answers = {
  'get-plugin-metadata': async ({ metadata }, input) => {
    decodeRequest('get-plugin-metadata', input);
    const { name, description, version, url, capabilities } = metadata;
    return encodeResponse('get-plugin-metadata', {
      ...{ name, description, version, url, capabilities },
      supportedContractVersions: [CONTRACT_VERSION],
    });
  },
  'describe-key': async ({ describeKey }, input) => {
    const request = decodeSigning('describe-key', input);
    const handler = needed(describeKey, 'describe-key');
    return encodeResponse('describe-key', {
      keyId: request.keyId,
      keySpec: await handler(request),
    });
  },
  'generate-signature': async ({ generateSignature }, input) => {
    const request = decodeSigning('generate-signature', input);
    const signingAlgorithm = signingAlgorithmOf(request);
    const handler = needed(generateSignature, 'generate-signature');
    const { signature, certificateChain } = await handler(request);
    return encodeResponse('generate-signature', {
      keyId: request.keyId,
      ...{ signature, signingAlgorithm, certificateChain },
    });
  },
  'generate-envelope': async ({ generateEnvelope }, input) => {
    const request = decodeSigning('generate-envelope', input);
    const { signatureEnvelopeType } = request;
    required('payloadType', request.payloadType);
    required('signatureEnvelopeType', signatureEnvelopeType);
    const handler = needed(generateEnvelope, 'generate-envelope');
    const { signatureEnvelope, annotations = new Map() } = await handler(request);
    return encodeResponse('generate-envelope', {
      ...{ signatureEnvelope, signatureEnvelopeType, annotations },
    });
  },
  'verify-signature': async ({ verifySignature }, input) => {
    const request = decodeVersioned('verify-signature', input);
    if (request.signature.certificateChain.length === 0) throw invalid('certificateChain is empty');
    const asked = request.trustPolicy.signatureVerification;
    if (asked.length === 0) throw invalid('signatureVerification is empty');
    const handler = needed(verifySignature, 'verify-signature');
    const response = await handler(withoutZeroExpiry(request));
    const missing = asked.find((capability) => !response.verificationResults.has(capability));
    if (missing !== undefined) throw fault('ERROR', `the plugin has no result of ${missing}`);
    return encodeResponse('verify-signature', response);
  },
};

function decodeRequest<C extends PluginCommand>(command: C, input: Uint8Array): Request<C> {
  const codec: Codec<Request<C>> = COMMANDS[command].request;
  if (input.length > MAX_PLUGIN_REQUEST_BYTES) {
    throw invalid(`it has more than ${MAX_PLUGIN_REQUEST_BYTES} bytes`);
  }
  try {
    decodeUtf8(input);
    return decodeGoJson(input, codec.decode, {
      code: 'NOTARY_PLUGIN_MALFORMED',
      maxBytes: MAX_PLUGIN_REQUEST_BYTES,
      zero: codec.zero,
      allowTrailingData: false,
    }).value;
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

function decodeVersioned<C extends Exclude<PluginCommand, 'get-plugin-metadata'>>(
  command: C,
  input: Uint8Array,
): Request<C> {
  const request = decodeRequest(command, input);
  if (request.contractVersion === CONTRACT_VERSION) return request;
  throw fault(
    'UNSUPPORTED_CONTRACT_VERSION',
    `expected the contract version ${CONTRACT_VERSION}, got ${quoted(request.contractVersion)}`,
  );
}

function decodeSigning<C extends 'describe-key' | 'generate-signature' | 'generate-envelope'>(
  command: C,
  input: Uint8Array,
): Request<C> {
  const request = decodeVersioned(command, input);
  required('keyId', request.keyId);
  return request;
}

function encodeResponse<C extends PluginCommand>(command: C, response: Response<C>): string {
  const codec: Codec<Response<C>> = COMMANDS[command].response;
  return JSON.stringify(codec.encode(response));
}

const HASHES: Readonly<Record<string, string>> = {
  'RSA-2048': 'SHA-256',
  'RSA-3072': 'SHA-384',
  'RSA-4096': 'SHA-512',
  'EC-256': 'SHA-256',
  'EC-384': 'SHA-384',
  'EC-521': 'SHA-512',
};

// signature-specification.md, "Signature Algorithm Requirements"
function signingAlgorithmOf({ keySpec, hashAlgorithm }: GenerateSignatureRequest): string {
  const hash = HASHES[keySpec];
  if (hash === undefined) throw invalid(`the key specification ${quoted(keySpec)} is unknown`);
  if (hashAlgorithm !== hash) {
    throw invalid(`keys of ${keySpec} sign with ${hash}, got ${quoted(hashAlgorithm)}`);
  }
  return `${keySpec.startsWith('RSA') ? 'RSASSA-PSS' : 'ECDSA'}-${hash}`;
}

// notation writes the first moment of Go's calendar where a signature does not expire
function withoutZeroExpiry(request: VerifySignatureRequest): VerifySignatureRequest {
  const { signature } = request;
  if (signature.criticalAttributes.expiry?.startsWith('0001-01-01T') !== true) return request;
  const criticalAttributes = { ...signature.criticalAttributes, expiry: undefined };
  return { ...request, signature: { ...signature, criticalAttributes } };
}

function needed<T>(handler: T | undefined, command: PluginCommand): T {
  if (handler !== undefined) return handler;
  throw fault('VALIDATION_ERROR', `the plugin does not support the command ${command}`);
}

function required(member: string, value: string): void {
  if (value === '') throw invalid(`${member} is missing`);
}

function invalid(problem: string): ReturnType<typeof fault> {
  return fault('VALIDATION_ERROR', `the request is invalid: ${problem}`);
}
