import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { DigestAlgorithm } from '@nv2/core';
import { RegistryError } from '../errors.ts';
import type { AppendLimits, Upload } from '../storage.ts';
import { BatchWriter } from './batch-writer.ts';
import { readChunks } from './read.ts';
import { type DurableSteps, diskError, hasCode, onDisk } from './steps.ts';

/** What a {@link DiskUpload} stands on. */
export interface DiskUploadOptions {
  readonly steps: DurableSteps;
  readonly now: () => number;
  /** Bytes in the file. */
  readonly size: number;
  /** The path that a key stands for. */
  readonly pathOf: (key: string) => string;
}

/** An upload in a file of its own; hashes while it writes, so that a commit need not read again. */
export class DiskUpload implements Upload {
  readonly #path: string;
  readonly #options: DiskUploadOptions;
  #size: number;
  /** SHA-256 of the first `#size` bytes, unless they were written before a restart. */
  #hash: Hash | undefined;

  constructor(path: string, options: DiskUploadOptions) {
    this.#path = path;
    this.#options = options;
    this.#size = options.size;
    this.#hash = options.size === 0 ? createHash('sha256') : undefined;
  }

  get size(): number {
    return this.#size;
  }

  async append(chunks: AsyncIterable<Uint8Array>, limits: AppendLimits): Promise<void> {
    const file = await this.#open('r+');
    const before = { size: this.#size, hash: this.#hash?.copy() };
    const source = new Source(chunks);
    try {
      await this.#receive(file, source, limits);
      const bytes = this.#size - before.size;
      if (limits.exactBytes !== undefined && bytes !== limits.exactBytes && !source.broken) {
        throw new RegistryError(
          'REGISTRY_SIZE_INVALID',
          `body has ${bytes} bytes, announced ${limits.exactBytes}`,
        );
      }
    } catch (error) {
      this.#size = before.size;
      this.#hash = before.hash;
      this.#options.steps.announce('truncate', this.#path);
      await onDisk(() => file.truncate(before.size));
      throw diskError(error);
    } finally {
      await file.close();
    }
    if (source.broken) throw source.reason;
  }

  async digest(algorithm: DigestAlgorithm): Promise<string> {
    if (algorithm === 'sha256' && this.#hash !== undefined) return this.#hash.copy().digest('hex');
    const file = await this.#open('r');
    const hash = createHash(algorithm);
    if (this.#size > 0) {
      const range = { start: 0, end: this.#size - 1 };
      for await (const chunk of readChunks(file, range)) hash.update(chunk);
    } else await file.close();
    return hash.digest('hex');
  }

  async sync(): Promise<void> {
    const file = await this.#open('r+');
    await onDisk(() => this.#options.steps.sync(file, this.#path).finally(() => file.close()));
  }

  async commit(key: string): Promise<void> {
    const { steps, now, pathOf } = this.#options;
    const file = await this.#open('r+');
    await onDisk(async () => {
      try {
        const seconds = now() / 1000;
        await file.utimes(seconds, seconds);
        await steps.sync(file, this.#path);
      } finally {
        await file.close();
      }
      await steps.rename(this.#path, pathOf(key));
    });
  }

  async discard(): Promise<void> {
    await onDisk(() => this.#options.steps.unlink(this.#path));
  }

  async #open(flags: 'r' | 'r+'): Promise<FileHandle> {
    try {
      return await open(this.#path, flags);
    } catch (cause) {
      if (!hasCode(cause, 'ENOENT')) throw diskError(cause);
      throw new RegistryError('REGISTRY_UPLOAD_UNKNOWN', 'the upload has ended or expired', {
        cause,
      });
    }
  }

  async #receive(file: FileHandle, source: Source, limits: AppendLimits): Promise<void> {
    const writer = new BatchWriter(file, {
      position: this.#size,
      onWrite: () => this.#options.steps.announce('write', this.#path),
    });
    try {
      for await (const chunk of source.chunks()) {
        if (this.#size + chunk.length > limits.maxBytes) throw tooLarge(limits.maxBytes);
        this.#hash?.update(chunk);
        this.#size += chunk.length;
        await writer.add(chunk);
      }
    } finally {
      await writer.end();
    }
  }
}

/** Tells a source that breaks off from a disk that fails. */
class Source {
  readonly #chunks: AsyncIterable<Uint8Array>;
  broken = false;
  reason: unknown;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const iterator = this.#chunks[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } catch (reason) {
      this.broken = true;
      this.reason = reason;
    } finally {
      await iterator.return?.();
    }
  }
}

function tooLarge(maxBytes: number): RegistryError {
  return new RegistryError(
    'REGISTRY_BLOB_TOO_LARGE',
    `upload is larger than the ${maxBytes} bytes that are accepted`,
    { data: { maxBytes } },
  );
}
