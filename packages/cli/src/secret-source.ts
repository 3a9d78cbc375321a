import { closeSync, createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { encodeUtf8, systemReason } from '@nv2/core';
import { type FileSubject, readRegularFile } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { CliError, usageError } from './errors.ts';
import { VARIABLE_PREFIX } from './secret-variables.ts';
import { quote } from './text/quote.ts';

/** Keys, chains and passphrases are smaller. */
const MAX_SOURCE_BYTES = 1024 * 1024;

/**
 * The octets that a flag names: of a file, of an environment variable as `env:NAME`, or of an open
 * file descriptor as `fd:3`, which is read to its end.
 *
 * @throws CliError `CLI_USAGE`, `CLI_FILE_*`; NotaryError `NOTARY_FILE_*`
 */
export async function readSource(
  { io }: CommandContext,
  flag: string,
  { text, subject }: { readonly text: string; readonly subject: FileSubject },
): Promise<Uint8Array> {
  if (text === '') throw usageError(`the flag --${flag} names nothing`);
  if (text.startsWith(VARIABLE_PREFIX)) {
    return fromVariable(io.env, text.slice(VARIABLE_PREFIX.length), flag);
  }
  if (text.startsWith('fd:')) return fromDescriptor(text, flag);
  const path = resolve(io.cwd, text);
  return readRegularFile(path, { subject, maxBytes: MAX_SOURCE_BYTES, followLinks: true });
}

function fromVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  flag: string,
): Uint8Array {
  const value = env[name];
  if (value !== undefined && value !== '') return encodeUtf8(value);
  throw new CliError(
    'CLI_FILE_MISSING',
    `the flag --${flag} names the environment variable ${quote(name)}, which is not set`,
    { hint: `set ${name}, or name a file` },
  );
}

async function fromDescriptor(text: string, flag: string): Promise<Uint8Array> {
  const fd = /^fd:(\d{1,5})$/.exec(text)?.[1];
  if (fd === undefined) {
    throw usageError(`the flag --${flag} expects fd: and a number, got ${quote(text)}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // what cannot be read may be a descriptor of the runtime itself, which does not survive its end
    for await (const chunk of createReadStream('', { fd: Number(fd), autoClose: false })) {
      const octets: Uint8Array = chunk;
      size += octets.length;
      if (size > MAX_SOURCE_BYTES) throw tooLarge(text);
      chunks.push(octets);
    }
    closeSync(Number(fd));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const { reason = String(cause) } = systemReason(cause) ?? {};
    throw new CliError('CLI_FILE_UNREADABLE', `${text} cannot be read: ${reason}`, {
      cause,
      hint: `open the descriptor for the command, as in nv2 … ${text} ${text.slice(3)}<FILE`,
    });
  }
  return Buffer.concat(chunks);
}

function tooLarge(text: string): CliError {
  return new CliError('CLI_FILE_TOO_LARGE', `${text} gives more than ${MAX_SOURCE_BYTES} bytes`);
}
