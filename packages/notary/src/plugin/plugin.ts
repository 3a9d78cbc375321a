import { encodeUtf8 } from '@nv2/core';
import { NotaryError } from '../errors.ts';
import type { Codec } from './codec.ts';
import { CORRECT_IT, type PluginCommand, type PluginCommands } from './contract.ts';
import { decodeAnswer } from './decode-answer.ts';
import { type Called, formatFault, outputOf } from './plugin-fault.ts';
import { COMMANDS } from './protocol.ts';
import { runExecutable } from './run-executable.ts';

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
   * @throws NotaryError `NOTARY_PLUGIN_NOT_STARTED`, `NOTARY_PLUGIN_CRASHED`,
   *   `NOTARY_PLUGIN_TIMEOUT`, `NOTARY_PLUGIN_MALFORMED`, `NOTARY_PLUGIN_FAILED` with the plugin's
   *   own code and message
   */
  call<C extends PluginCommand>(
    command: C,
    request: PluginCommands[C]['request'],
    options?: { readonly signal?: AbortSignal },
  ): Promise<PluginCommands[C]['response']>;
}

const SIGNING_TIMEOUT_MS = 60_000;
const VERIFYING_TIMEOUT_MS = 15_000;

/** An executable that is a plugin. */
export interface PluginFile {
  readonly name: string;
  readonly path: string;
  /** What its user knows it by, where that is not its path. */
  readonly shown?: string;
}

/**
 * The plugin behind an executable: a request on its standard input, a response on its standard
 * output, exit code 0.
 *
 * @see specifications plugin-extensibility.md "Plugin contract"
 */
export function executablePlugin(
  { name, path, shown = path }: PluginFile,
  options: PluginOptions = {},
): Plugin {
  return {
    name,
    call: async (command, request, { signal } = {}) => {
      const codecs = COMMANDS[command];
      const called = { name, path, shown, command };
      const json = JSON.stringify(codecs.request.encode(request));
      options.onExchange?.({ plugin: name, command, direction: 'request', json });
      const result = await runExecutable(path, command, {
        input: encodeUtf8(json),
        timeoutMs: timeoutOf(command, options),
        ...(options.environment && { environment: options.environment }),
        ...(signal && { signal }),
      });
      try {
        const stdout = outputOf(result, called);
        const output = new TextDecoder().decode(stdout);
        options.onExchange?.({ plugin: name, command, direction: 'response', json: output });
        return decodeResponse(stdout, codecs.response, called);
      } catch (error) {
        throw (await formatFault(error, called)) ?? error;
      }
    },
  };
}

function timeoutOf(command: PluginCommand, options: PluginOptions): number {
  return command === 'get-plugin-metadata' || command === 'verify-signature'
    ? (options.verifyingTimeoutMs ?? VERIFYING_TIMEOUT_MS)
    : (options.signingTimeoutMs ?? SIGNING_TIMEOUT_MS);
}

function decodeResponse<T>(
  stdout: Uint8Array,
  codec: Codec<T>,
  { name, command }: Pick<Called, 'name' | 'command'>,
): T {
  try {
    return decodeAnswer(stdout, codec);
  } catch (cause) {
    throw new NotaryError(
      'NOTARY_PLUGIN_MALFORMED',
      `failed to unmarshal the response of ${command} command for plugin ${name}`,
      { cause, data: { plugin: name, command }, hint: CORRECT_IT },
    );
  }
}
