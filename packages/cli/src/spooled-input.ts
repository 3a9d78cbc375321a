import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Nv2Error } from '@nv2/core/errors';
import { DEFAULT_TAR_LIMITS } from '@nv2/oci';
import type { CommandContext } from './context.ts';
import { CliError } from './errors.ts';
import { systemError } from './files.ts';

/** Standard input as a file, until it is closed. */
export interface SpooledInput {
  readonly path: string;
  readonly close: () => void;
}

/**
 * Writes standard input to a temporary file that nobody else may read: an archive is not read in the
 * order in which it comes.
 * @throws CliError `CLI_WRITE_FAILED`, `CLI_FILE_TOO_LARGE`, `CLI_INTERRUPTED`
 */
export async function spoolInput({ io, input }: CommandContext): Promise<SpooledInput> {
  const directory = await mkdtemp(join(tmpdir(), 'nv2-'));
  const path = join(directory, 'standard-input');
  try {
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline(bounded(input.stream()), file, { signal: io.signal });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error instanceof Nv2Error ? error : systemError(error, path);
  }
  return { path, close: () => rmSync(directory, { recursive: true, force: true }) };
}

async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const maxBytes = DEFAULT_TAR_LIMITS.maxArchiveBytes;
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new CliError('CLI_FILE_TOO_LARGE', `standard input is longer than ${maxBytes} bytes`, {
        data: { maxBytes },
      });
    }
    yield chunk;
  }
}
