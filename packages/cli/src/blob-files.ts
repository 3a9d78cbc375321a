import { type FileHandle, open } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { EnvelopeMediaType } from '@nv2/envelope';
import {
  type BlobContent,
  MAX_SIGNATURE_BYTES,
  readRegularFile,
  type StoredEnvelope,
} from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { type FailureFacts, withFacts } from './failure.ts';
import { isDirectory, systemError } from './files.ts';
import { envelopeFormat, formatName } from './signing.ts';

/** The path that stands for standard input. */
const STDIN = '-';

/** The file name that a blob from standard input has in the name of its signature. */
const STDIN_NAME = 'stdin';

/** Large enough that the reading costs little beside the hashing. */
const CHUNK_BYTES = 1024 * 1024;

/** A blob that can be read once, and what lets go of it. */
export interface OpenedBlob {
  readonly content: BlobContent;
  readonly close: () => Promise<void>;
}

/** Whether the path on the command line stands for standard input. */
export function isStdin(path: string): boolean {
  return path === STDIN;
}

/**
 * Opens a blob; `-` is standard input. Nothing is read yet.
 * @throws CliError `CLI_FILE_MISSING`, `CLI_FILE_DENIED`, `CLI_FILE_UNREADABLE`
 */
export async function openBlob(
  path: string,
  { io, input }: Pick<CommandContext, 'io' | 'input'>,
): Promise<OpenedBlob> {
  if (isStdin(path)) return { content: input.stream(), close: async () => undefined };
  const file = await open(resolve(io.cwd, path)).catch((cause: unknown) => {
    throw systemError(cause, path);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw isDirectory(path);
  }
  return { content: chunksOf(file), close: () => file.close() };
}

/**
 * The bytes of a file in two buffers: one is read into while the other is in use. A chunk is good
 * until the next one is asked for. Were each chunk new, memory would grow faster than it is freed.
 */
async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  let [filling, spare] = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)];
  let reading = readInto(file, filling);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return;
    const chunk = filling.subarray(0, bytesRead);
    [filling, spare] = [spare, filling];
    reading = readInto(file, filling);
    yield chunk;
  }
}

function readInto(file: FileHandle, buffer: Uint8Array): Promise<{ readonly bytesRead: number }> {
  const reading = file.read(buffer, 0, buffer.length, null);
  // who stops early never hears of this one
  reading.catch(() => undefined);
  return reading;
}

/** The name of the signature file of a blob, as in `blob.bin.jws.sig`. */
export function signatureFileName(blobPath: string, format: EnvelopeMediaType): string {
  const name = isStdin(blobPath) ? STDIN_NAME : basename(blobPath);
  return `${name}.${formatName(format)}.sig`;
}

/**
 * The format of a signature by the name of its file, `<name>.<jws|cose>.sig`, in any case.
 * @throws CliError `CLI_USAGE`
 */
export function formatOfSignatureFile(path: string): EnvelopeMediaType {
  const name = basename(path);
  if (extname(name).toLowerCase() !== '.sig') {
    throw usageError(`invalid signature filename ${name}. The file extension must be .sig`);
  }
  const parts = name.split('.');
  if (parts.length < 3) {
    throw usageError(
      `invalid signature filename ${name}. A valid signature file name must contain signature format and .sig file extension`,
    );
  }
  return envelopeFormat((parts.at(-2) ?? '').toLowerCase());
}

/** The bytes of a signature file. @throws NotaryError `NOTARY_FILE_*` */
export function readSignatureFile(
  path: string,
  { io }: Pick<CommandContext, 'io'>,
  facts: FailureFacts = {},
): Promise<StoredEnvelope['bytes']> {
  return withFacts({ ...facts, given: path }, () =>
    readRegularFile(resolve(io.cwd, path), {
      subject: 'signature',
      maxBytes: MAX_SIGNATURE_BYTES,
      followLinks: true,
    }),
  );
}
