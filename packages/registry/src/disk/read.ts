import type { FileHandle } from 'node:fs/promises';
import { RegistryError } from '../errors.ts';
import type { ByteRange } from '../storage.ts';
import { diskError } from './steps.ts';

const BUFFER_BYTES = 512 * 1024;

/**
 * The bytes of an open file, which is closed at the end, also if it is never read. Reads ahead into
 * the second of two buffers while the reader has the first, so that memory does not depend on the
 * file.
 */
export function readChunks(file: FileHandle, range: ByteRange): AsyncIterableIterator<Uint8Array> {
  const chunks = generate(file, range);
  let begun = false;
  return {
    next: () => {
      begun = true;
      return chunks.next();
    },
    return: async () => {
      // a generator that was never asked for anything does not run its finally
      if (!begun) await file.close();
      begun = true;
      return chunks.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* generate(file: FileHandle, range: ByteRange): AsyncGenerator<Uint8Array> {
  let position = range.start;
  const size = Math.min(BUFFER_BYTES, range.end - range.start + 1);
  const fill = async (buffer: Uint8Array): Promise<Uint8Array> => {
    const length = Math.min(buffer.length, range.end - position + 1);
    if (length <= 0) return buffer.subarray(0, 0);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    if (bytesRead === 0) {
      throw new RegistryError('REGISTRY_STORAGE_CORRUPT', 'stored content is cut short');
    }
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  };
  let [buffer, other] = [new Uint8Array(size), new Uint8Array(size)];
  let ahead = fill(buffer);
  try {
    for (;;) {
      const chunk = await ahead;
      if (chunk.length === 0) return;
      ahead = fill(other);
      // awaited in the next round; until then it must not count as unhandled
      ahead.catch(() => undefined);
      [buffer, other] = [other, buffer];
      yield chunk;
    }
  } catch (error) {
    throw diskError(error);
  } finally {
    await ahead.catch(() => undefined);
    await file.close();
  }
}
