import type { FileHandle } from 'node:fs/promises';
import { concatBytes } from '@nv2/core';
import { invalidTar } from './tar-header.ts';
import type { TarInput } from './tar-index.ts';

/** A file as input: what is passed over is not read. */
export function fileInput(handle: FileHandle, size: number): TarInput {
  let position = 0;
  return {
    get position() {
      return position;
    },
    async read(length) {
      const bytes = new Uint8Array(Math.min(length, size - position));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
      position += bytesRead;
      return bytes.subarray(0, bytesRead);
    },
    skip(length) {
      if (position + length > size) return Promise.reject(invalidTar('it is cut off'));
      position += length;
      return Promise.resolve();
    },
  };
}

/** A stream as input. */
export function streamInput(stream: AsyncIterable<Uint8Array>): TarInput & {
  /** Part of the content as a stream, from here. */
  chunks(length: number): AsyncIterable<Uint8Array>;
} {
  const iterator = stream[Symbol.asyncIterator]();
  let buffered: Uint8Array = new Uint8Array();
  let position = 0;

  /** At most so many bytes, none only at the end. */
  async function some(length: number): Promise<Uint8Array> {
    while (buffered.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return buffered;
      buffered = next.value;
    }
    const part = buffered.subarray(0, length);
    buffered = buffered.subarray(part.length);
    position += part.length;
    return part;
  }

  async function* chunks(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const part = await some(left);
      if (part.length === 0) return;
      left -= part.length;
      yield part;
    }
  }

  return {
    get position() {
      return position;
    },
    chunks,
    async read(length) {
      const parts: Uint8Array[] = [];
      for await (const part of chunks(length)) parts.push(part);
      return concatBytes(...parts);
    },
    async skip(length) {
      const end = position + length;
      for await (const part of chunks(length)) void part;
      if (position !== end) throw invalidTar('it is cut off');
    },
  };
}
