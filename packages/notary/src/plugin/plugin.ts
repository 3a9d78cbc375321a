import { decodeUtf8, encodeUtf8, quoted } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import { decodeGoJson } from '../files/go-decode.ts';
import { systemCode } from '../files/read-file.ts';
import { formatPath } from '../value-path.ts';
import type { Codec } from './codec.ts';
import { isForeignFormat } from './executable-format.ts';
import {
  COMMANDS,
  FAULT,
  type PluginCommand,
  type PluginCommands,
  type PluginFault,
} from './protocol.ts';
import { MAX_PLUGIN_OUTPUT_BYTES, type RunResult, runExecutable } from './run-executable.ts';

/** One call of a plugin as it went over the pipe, for logs. */
export interface PluginExchange {
  readonly plugin: string;
  readonly command: PluginCommand;
  readonly direction: 'request' | 'response';
  readonly json: string;
}

/** How plugins are called. */
export interface PluginOptions {
  /**
   * The plugin's environment; hand over one without the user's registry credentials. Default: that
   * of this process.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For `describe-key`, `generate-signature` and `generate-envelope`. Default 60 s. */
  readonly signingTimeoutMs?: number;
  /** For `get-plugin-metadata` and `verify-signature`. Default 15 s. */
  readonly verifyingTimeoutMs?: number;
  readonly onExchange?: (exchange: PluginExchange) => void;
}

/** A plugin that can be asked. */
export interface Plugin {
  readonly name: string;
  /**
   * One command of the plugin contract.
   *
   * @throws NotaryError `NOTARY_PLUGIN_NOT_STARTED`, `NOTARY_PLUGIN_TIMEOUT`,
   *   `NOTARY_PLUGIN_MALFORMED`, `NOTARY_PLUGIN_FAILED` with the plugin's own message
   */
  call<C extends PluginCommand>(
    command: C,
    request: PluginCommands[C]['request'],
    options?: { readonly signal?: AbortSignal },
  ): Promise<PluginCommands[C]['response']>;
}

const SIGNING_TIMEOUT_MS = 60_000;
const VERIFYING_TIMEOUT_MS = 15_000;

/**
 * The plugin behind an executable: a request on its standard input, a response on its standard
 * output, exit code 0.
 *
 * @see specifications plugin-extensibility.md "Plugin contract"
 */
export function executablePlugin(
  { name, path }: { readonly name: string; readonly path: string },
  options: PluginOptions = {},
): Plugin {
  return {
    name,
    call: async (command, request, { signal } = {}) => {
      const codecs = COMMANDS[command];
      const json = JSON.stringify(codecs.request.encode(request));
      options.onExchange?.({ plugin: name, command, direction: 'request', json });
      const result = await runExecutable(path, command, {
        input: encodeUtf8(json),
        timeoutMs: timeoutOf(command, options),
        ...(options.environment && { environment: options.environment }),
        ...(signal && { signal }),
      });
      try {
        const stdout = outputOf(result, { name, path, command });
        const output = new TextDecoder().decode(stdout);
        options.onExchange?.({ plugin: name, command, direction: 'response', json: output });
        return decodeResponse(stdout, codecs.response, { name, command });
      } catch (error) {
        throw (await formatFault(error, { name, path, command })) ?? error;
      }
    },
  };
}

/** The better explanation for nonsense from a file that is no program of this system. */
async function formatFault(error: unknown, called: Called): Promise<NotaryError | undefined> {
  if (!(error instanceof NotaryError) || error.code !== 'NOTARY_PLUGIN_MALFORMED') return undefined;
  if (!(await isForeignFormat(called.path))) return undefined;
  return notStarted(called, Object.assign(new Error('not its format'), { code: 'ENOEXEC' }));
}

interface Called {
  readonly name: string;
  readonly path: string;
  readonly command: PluginCommand;
}

function timeoutOf(command: PluginCommand, options: PluginOptions): number {
  return command === 'get-plugin-metadata' || command === 'verify-signature'
    ? (options.verifyingTimeoutMs ?? VERIFYING_TIMEOUT_MS)
    : (options.signingTimeoutMs ?? SIGNING_TIMEOUT_MS);
}

function outputOf(result: RunResult, { name, path, command }: Called): Uint8Array {
  const data = { plugin: name, path, command };
  switch (result.kind) {
    case 'not-started':
      throw notStarted({ name, path, command }, result.cause);
    case 'timeout':
      throw new NotaryError(
        'NOTARY_PLUGIN_TIMEOUT',
        `the plugin ${name} has not answered ${command} in time and was ended`,
        { data, hint: 'check what the plugin waits for, or give it more time' },
      );
    case 'too-much-output':
      throw new NotaryError(
        'NOTARY_PLUGIN_MALFORMED',
        `the plugin ${name} printed more than ${MAX_PLUGIN_OUTPUT_BYTES} bytes for ${command}`,
        { data },
      );
    case 'exited':
      if (result.exitCode === 0) return result.stdout;
      throw faultOf(result, { name, path, command });
  }
}

function faultOf(
  result: Extract<RunResult, { readonly kind: 'exited' }>,
  { name, path, command }: Called,
): NotaryError {
  const { exitCode, stderr } = result;
  const data = { plugin: name, path, command, exitCode };
  if (stderr.length === 0) {
    const ended = exitCode === undefined ? 'was ended by a signal' : `ended with ${exitCode}`;
    return notStarted({ name, path, command }, new Error(`${ended} and said nothing`));
  }
  const fault = readFault(stderr);
  if (fault === undefined) {
    return new NotaryError(
      'NOTARY_PLUGIN_MALFORMED',
      `the plugin ${name} failed at ${command}, and what it says is not as the contract has it: ${excerpt(stderr)}`,
      { data, hint: 'ask the maker of the plugin to correct it' },
    );
  }
  const { errorCode, errorMessage = '', errorMetadata } = fault;
  return new NotaryError('NOTARY_PLUGIN_FAILED', errorMessage || `the plugin ${name} failed`, {
    data: { ...data, errorCode, errorMessage, errorMetadata: Object.fromEntries(errorMetadata) },
  });
}

function readFault(stderr: Uint8Array): PluginFault | undefined {
  try {
    const fault = decode(stderr, FAULT);
    const said = fault.errorCode !== '' || fault.errorMessage || fault.errorMetadata.size > 0;
    return said ? fault : undefined;
  } catch {
    return undefined;
  }
}

function notStarted({ name, path, command }: Called, cause: Error): NotaryError {
  const reason = systemCode(cause);
  const problem = reason === 'ENOEXEC' ? 'exec format error' : cause.message;
  return new NotaryError(
    'NOTARY_PLUGIN_NOT_STARTED',
    `the plugin ${name} could not be run for ${command}: ${problem}`,
    {
      cause,
      data: { plugin: name, path, command, ...(reason !== undefined && { reason }) },
      hint: `check that ${path} exists, is executable and is made for this operating system and processor`,
    },
  );
}

function decodeResponse<T>(
  stdout: Uint8Array,
  codec: Codec<T>,
  { name, command }: Pick<Called, 'name' | 'command'>,
): T {
  try {
    return decode(stdout, codec);
  } catch (cause) {
    throw new NotaryError(
      'NOTARY_PLUGIN_MALFORMED',
      `failed to unmarshal the response of ${command} command for plugin ${name}`,
      { cause, data: { plugin: name, command }, hint: 'ask the maker of the plugin to correct it' },
    );
  }
}

function decode<T>(bytes: Uint8Array, codec: Codec<T>): T {
  decodeUtf8(bytes);
  const code = 'NOTARY_PLUGIN_MALFORMED';
  const { value, notes } = decodeGoJson(bytes, codec.decode, {
    ...{ code, maxBytes: MAX_PLUGIN_OUTPUT_BYTES, zero: codec.zero, allowTrailingData: false },
  });
  // a no and a yes under one name must not depend on which comes last
  const twice = notes.find(({ note }) => note === 'duplicate-key');
  if (twice !== undefined)
    throw new NotaryError(code, `two members ${quoted(formatPath(twice.path))}`);
  return value;
}

function excerpt(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 300)).trim();
  return JSON.stringify(text);
}
