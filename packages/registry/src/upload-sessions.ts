import { createHash } from 'node:crypto';
import { RegistryError } from './errors.ts';
import { UPLOADS } from './names.ts';
import type { RegistryStorage, Upload } from './storage.ts';

/** Enough for a thousand clients that push several layers at once. */
const DEFAULT_MAX_UNFINISHED = 8192;
/** Idle uploads whose running hash is kept in memory; the others are hashed again at their end. */
const MAX_KEPT = 1024;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The uploads of a registry. An upload belongs to the repository that it was begun in. */
export class UploadSessions {
  readonly #storage: RegistryStorage;
  readonly #kept = new Map<string, Upload>();
  readonly #busy = new Set<string>();
  readonly #maxUnfinished: number;
  /** Uploads that were begun and are not over, those of an earlier process among them. */
  readonly #unfinished = new Set<string>();

  constructor(storage: RegistryStorage, options: { readonly maxUnfinished?: number } = {}) {
    this.#storage = storage;
    this.#maxUnfinished = options.maxUnfinished ?? DEFAULT_MAX_UNFINISHED;
  }

  /**
   * Begins an upload; returns its name.
   * @throws RegistryError `REGISTRY_UPLOADS_TOO_MANY`
   */
  async begin(repository: string): Promise<string> {
    if (this.#unfinished.size >= this.#maxUnfinished) {
      throw new RegistryError(
        'REGISTRY_UPLOADS_TOO_MANY',
        `${this.#maxUnfinished} uploads are not finished`,
        { hint: 'finish or cancel uploads, or wait until idle ones expire' },
      );
    }
    const id = crypto.randomUUID();
    const key = keyOf(repository, id);
    this.#unfinished.add(key);
    const upload = await this.#storage.upload(key, 'create').catch((error: unknown) => {
      this.#unfinished.delete(key);
      throw error;
    });
    if (upload !== undefined) this.#keep(key, upload);
    return id;
  }

  /**
   * Runs `action` on an upload that no other request may touch meanwhile.
   * @throws RegistryError `REGISTRY_UPLOAD_UNKNOWN`, `REGISTRY_UPLOAD_BUSY`
   */
  async use<T>(repository: string, id: string, action: (upload: Upload) => Promise<T>): Promise<T> {
    if (!UUID.test(id)) throw unknown();
    const key = keyOf(repository, id);
    if (this.#busy.has(key)) {
      throw new RegistryError('REGISTRY_UPLOAD_BUSY', 'another request writes to this upload', {
        hint: 'send the chunks of one upload one after the other',
      });
    }
    this.#busy.add(key);
    try {
      const upload = this.#kept.get(key) ?? (await this.#storage.upload(key, 'resume'));
      if (upload === undefined) throw unknown();
      this.#keep(key, upload);
      return await action(upload);
    } catch (error) {
      // the file alone tells what arrived; its hash is made anew at the end
      this.#kept.delete(key);
      throw error;
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Forgets an upload that is over. */
  end(repository: string, id: string): void {
    const key = keyOf(repository, id);
    this.#kept.delete(key);
    this.#unfinished.delete(key);
  }

  /** Drops uploads that received nothing for `maxAgeMs`; returns how many. */
  async expire(options: { readonly now: number; readonly maxAgeMs: number }): Promise<number> {
    let expired = 0;
    for await (const name of this.#storage.list(UPLOADS)) {
      const key = `${UPLOADS}/${name}`;
      if (this.#busy.has(key)) continue;
      const found = await this.#storage.open(key);
      if (found === undefined) continue;
      this.#unfinished.add(key);
      if (options.now - found.modified < options.maxAgeMs) continue;
      this.#kept.delete(key);
      this.#unfinished.delete(key);
      if (await this.#storage.remove(key)) expired++;
    }
    return expired;
  }

  #keep(key: string, upload: Upload): void {
    this.#kept.delete(key);
    this.#kept.set(key, upload);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function keyOf(repository: string, id: string): string {
  const owner = createHash('sha256').update(repository).digest('hex').slice(0, 32);
  return `${UPLOADS}/${owner}-${id}`;
}

function unknown(): RegistryError {
  return new RegistryError('REGISTRY_UPLOAD_UNKNOWN', 'the upload has ended or expired', {
    hint: 'begin the upload again',
  });
}
