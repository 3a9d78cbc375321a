import type { FileHandle } from 'node:fs/promises';

/** Bytes that are gathered before they are written, so that small chunks cost few calls. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Writes chunks to a file, one batch while the next one is gathered. Chunks are copied into two
 * buffers that are used in turn: memory does not depend on how much is written.
 */
export class BatchWriter {
  readonly #file: FileHandle;
  readonly #onWrite: () => void;
  #position: number;
  #batch: Uint8Array = new Uint8Array(BATCH_BYTES);
  #other: Uint8Array = new Uint8Array(BATCH_BYTES);
  #used = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    file: FileHandle,
    options: { readonly position: number; readonly onWrite: () => void },
  ) {
    this.#file = file;
    this.#position = options.position;
    this.#onWrite = options.onWrite;
  }

  /** Takes a chunk; it may be overwritten afterwards. Throws what an earlier write failed with. */
  async add(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + BATCH_BYTES - this.#used);
      this.#batch.set(part, this.#used);
      this.#used += part.length;
      offset += part.length;
      if (this.#used === BATCH_BYTES) await this.#flush();
    }
  }

  /** Writes what is left, and waits for it. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = this.#write(this.#batch.subarray(0, this.#used), this.#position);
    // awaited by the next flush; until then it must not count as unhandled
    this.#writing.catch(() => undefined);
    this.#position += this.#used;
    [this.#batch, this.#other] = [this.#other, this.#batch];
    this.#used = 0;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      this.#onWrite();
      // a short write on a full disk: the rest either fits, or fails with the reason
      const { bytesWritten } = await this.#file.write(bytes, offset, undefined, position + offset);
      offset += bytesWritten;
    }
  }
}
