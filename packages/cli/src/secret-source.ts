import { closeSync, createReadStream, fstatSync, type Stats, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { encodeUtf8, systemReason } from '@nv2/core';
import { type FileSubject, NotaryError, readRegularFile } from '@nv2/notary';
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
  return fromFile(resolve(io.cwd, text), { flag, subject });
}

// What `<(…)` of a shell names is a pipe.
async function fromFile(
  path: string,
  { flag, subject }: { readonly flag: string; readonly subject: FileSubject },
): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, { subject, maxBytes: MAX_SOURCE_BYTES, followLinks: true });
  } catch (cause) {
    if (!(cause instanceof NotaryError) || !READ_BY_DESCRIPTOR.includes(cause.data['found'])) {
      throw cause;
    }
    const { code, message, data } = cause;
    throw new NotaryError(code, message, {
      cause,
      data,
      hint: `have it read by its descriptor, as in "nv2 … --${flag} fd:3 3<FILE" or "… 3< <(COMMAND)"`,
    });
  }
}

const READ_BY_DESCRIPTOR: readonly unknown[] = ['pipe', 'socket', 'device'];

function fromVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  flag: string,
): Uint8Array {
  if (name === '') throw usageError(`the flag --${flag} expects env: and the name of a variable`);
  const value = env[name];
  if (value !== undefined && value !== '') return encodeUtf8(value);
  throw new CliError(
    'CLI_FILE_MISSING',
    `the flag --${flag} names the environment variable ${quote(name)}, which is ${value === undefined ? 'not set' : 'empty'}`,
    { hint: `set ${name}, or name a file` },
  );
}

async function fromDescriptor(text: string, flag: string): Promise<Uint8Array> {
  const fd = /^fd:(\d{1,5})$/.exec(text)?.[1];
  if (fd === undefined) {
    throw usageError(`the flag --${flag} expects fd: and a number, got ${quote(text)}`);
  }
  assertOpen(Number(fd), text, flag);
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
      hint: howToOpen(text, flag),
    });
  }
  return Buffer.concat(chunks);
}

/** The descriptors among which the runtime has its own. */
const RUNTIME_DESCRIPTORS = { first: 3, last: 63 };

// What the runtime has opened for itself is not the caller's: it may never end, or take signals away.
function assertOpen(fd: number, text: string, flag: string): void {
  const stat = statOf(fd);
  if (stat !== undefined && !isOfRuntime(fd, stat)) return;
  throw new CliError('CLI_FILE_UNREADABLE', `the flag --${flag} names ${text}, which is not open`, {
    hint: howToOpen(text, flag),
  });
}

// Polls and events are of no type, and of its pipes the runtime has both ends. A shell may give a program
// one end twice, as bash does with <(…).
function isOfRuntime(fd: number, stat: Stats): boolean {
  const isTyped = stat.isFile() || stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice();
  if (!isTyped) return !stat.isDirectory() && !stat.isBlockDevice();
  if (!stat.isFIFO()) return false;
  const { first, last } = RUNTIME_DESCRIPTORS;
  for (let other = first; other <= last; other += 1) {
    const { dev, ino } = (other === fd ? undefined : statOf(other)) ?? {};
    if (dev === stat.dev && ino === stat.ino && canWrite(other) !== canWrite(fd)) return true;
  }
  return false;
}

// To write nothing changes nothing, and is refused where nothing can be written.
function canWrite(fd: number): boolean {
  try {
    writeSync(fd, new Uint8Array());
    return true;
  } catch (error) {
    if (systemReason(error) === undefined) throw error;
    return false;
  }
}

function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch (error) {
    if (systemReason(error) === undefined) throw error;
    return undefined;
  }
}

function howToOpen(text: string, flag: string): string {
  return `open it for the command, as in "nv2 … --${flag} ${text} ${text.slice('fd:'.length)}<FILE"`;
}

function tooLarge(text: string): CliError {
  return new CliError('CLI_FILE_TOO_LARGE', `${text} gives more than ${MAX_SOURCE_BYTES} bytes`);
}
