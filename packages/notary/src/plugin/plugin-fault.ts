import { NotaryError } from '../errors.ts';
import { systemCode } from '../files/read-file.ts';
import { CORRECT_IT, type PluginCommand, type PluginFault } from './contract.ts';
import { decodeAnswer } from './decode-answer.ts';
import { isForeignFormat } from './executable-format.ts';
import { FAULT } from './protocol.ts';
import { MAX_PLUGIN_OUTPUT_BYTES, type RunResult } from './run-executable.ts';

/** One call of an executable that is a plugin. */
export interface Called {
  readonly name: string;
  readonly path: string;
  /** What its user knows it by. */
  readonly shown: string;
  readonly command: PluginCommand;
}

const FAULT_HINTS: Readonly<Record<string, string>> = {
  ACCESS_DENIED:
    'check the credentials that the plugin uses, and that they may use the key or service that it needs',
  THROTTLED: 'the service of the plugin has too much to do: try again later',
  TIMEOUT: 'check that the service of the plugin can be reached, and try again',
  UNSUPPORTED_CONTRACT_VERSION: 'install a version of the plugin for version 1.0 of the contract',
  VALIDATION_ERROR: 'check the id of the key and the settings that are given to the plugin',
};
const ANY_FAULT_HINT = 'see what the documentation of the plugin says of this';

/** What a plugin printed, if it ended well. @throws NotaryError as `Plugin.call` */
export function outputOf(result: RunResult, called: Called): Uint8Array {
  const { name, path, command } = called;
  const data = { plugin: name, path, command };
  switch (result.kind) {
    case 'not-started':
      throw notStarted(called, result.cause);
    case 'timeout':
      throw new NotaryError(
        'NOTARY_PLUGIN_TIMEOUT',
        `the plugin ${name} has not answered ${command} in time and was ended`,
        { data, hint: 'check what the plugin waits for' },
      );
    case 'too-much-output':
      throw new NotaryError(
        'NOTARY_PLUGIN_MALFORMED',
        `the plugin ${name} printed more than ${MAX_PLUGIN_OUTPUT_BYTES} bytes for ${command}`,
        { data, hint: CORRECT_IT },
      );
    case 'exited':
      if (result.exitCode === 0) return result.stdout;
      throw faultOf(result, called);
  }
}

/** The better explanation for nonsense from a file that is no program of this system. */
export async function formatFault(
  error: unknown,
  called: Called,
): Promise<NotaryError | undefined> {
  if (!(error instanceof NotaryError)) return undefined;
  const { code } = error;
  if (code !== 'NOTARY_PLUGIN_MALFORMED' && code !== 'NOTARY_PLUGIN_CRASHED') return undefined;
  if (!(await isForeignFormat(called.path))) return undefined;
  return notStarted(called, Object.assign(new Error('not its format'), { code: 'ENOEXEC' }));
}

type Exited = Extract<RunResult, { readonly kind: 'exited' }>;

function faultOf(result: Exited, { name, path, command }: Called): NotaryError {
  const { exitCode, signal, stderr } = result;
  const data = { plugin: name, path, command, exitCode };
  if (stderr.length === 0) {
    const ended = exitCode === undefined ? `was ended by ${signal}` : `ended with ${exitCode}`;
    return new NotaryError(
      'NOTARY_PLUGIN_CRASHED',
      `the plugin ${name} ${ended} at ${command}, and said nothing`,
      {
        data: { ...data, signal },
        hint:
          signal === 'SIGKILL'
            ? 'see the log of the system, which ends in that way what takes too much memory, and that of the plugin'
            : 'see the log of the plugin, or ask its maker why it ends without a word',
      },
    );
  }
  const fault = readFault(stderr);
  if (fault === undefined) {
    return new NotaryError(
      'NOTARY_PLUGIN_MALFORMED',
      `the plugin ${name} failed at ${command}, and what it says is not as the contract has it: ${excerpt(stderr)}`,
      { data, hint: CORRECT_IT },
    );
  }
  const { errorCode, errorMessage = '', errorMetadata } = fault;
  const reported = `the plugin ${name} reported ${errorCode || 'an error'} for ${command}`;
  return new NotaryError(
    'NOTARY_PLUGIN_FAILED',
    errorMessage === '' ? reported : `${reported}: ${errorMessage}`,
    {
      data: { ...data, errorCode, errorMessage, errorMetadata: Object.fromEntries(errorMetadata) },
      hint: Object.hasOwn(FAULT_HINTS, errorCode) ? FAULT_HINTS[errorCode] : ANY_FAULT_HINT,
    },
  );
}

function readFault(stderr: Uint8Array): PluginFault | undefined {
  try {
    const fault = decodeAnswer(stderr, FAULT);
    const said = fault.errorCode !== '' || fault.errorMessage || fault.errorMetadata.size > 0;
    return said ? fault : undefined;
  } catch {
    return undefined;
  }
}

function notStarted({ name, path, shown, command }: Called, cause: Error): NotaryError {
  const reason = systemCode(cause);
  const problem = reason === 'ENOEXEC' ? 'exec format error' : cause.message;
  return new NotaryError(
    'NOTARY_PLUGIN_NOT_STARTED',
    `the plugin ${name} could not be run for ${command}: ${problem}`,
    {
      cause,
      data: { plugin: name, path, command, ...(reason !== undefined && { reason }) },
      hint: `check that ${shown} exists, is executable and is made for this operating system and processor`,
    },
  );
}

function excerpt(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 300)).trim();
  return JSON.stringify(text);
}
