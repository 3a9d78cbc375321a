import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Handler } from '@nv2/http';
import {
  collectGarbage,
  createRegistry,
  type DiskStorage,
  type DiskStorageOptions,
  diskStorage,
  type GarbageOptions,
  type GarbageReport,
  type RegistryOptions,
  UploadSessions,
} from '@nv2/registry';

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image manifest of these blobs; the first is its config. */
export function imageManifest(
  blobs: readonly Uint8Array[],
  rest: Readonly<Record<string, unknown>> = {},
): Uint8Array {
  const [config, ...layers] = blobs.map((bytes) => describe(bytes, 'application/octet-stream'));
  const document = { schemaVersion: 2, mediaType: IMAGE, config, layers, ...rest };
  return utf8(JSON.stringify(document));
}

export function describe(bytes: Uint8Array, mediaType: string): TestDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** What was acknowledged, by repository. */
interface RepositoryModel {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Uint8Array>;
  readonly tags: Map<string, string>;
}

interface ReadManifest {
  readonly config?: TestDescriptor;
  readonly layers?: readonly TestDescriptor[];
  readonly subject?: TestDescriptor;
}

/** A registry in a directory, beside a model of everything that it has acknowledged. */
export class Harness {
  readonly directory: string;
  readonly model = new Map<string, RepositoryModel>();
  /** In ms since the epoch; moves only when a test moves it. */
  time = 1_800_000_000_000;
  #storage: DiskStorage | undefined;
  #handler: Handler | undefined;
  #sessions: UploadSessions | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens the directory, after a crash or for the first time. */
  async open(
    options: DiskStorageOptions = {},
    registry: Partial<RegistryOptions> = {},
  ): Promise<void> {
    const now = (): number => this.time;
    this.#storage = await diskStorage(this.directory, { now, ...options });
    this.#sessions = new UploadSessions(this.#storage);
    const sessions = this.#sessions;
    this.#handler = createRegistry({ storage: this.#storage, sessions, now, ...registry });
  }

  /** Goes away without a word, as a process that was killed. */
  async crash(): Promise<void> {
    this.#storage = undefined;
    // the lock of a dead process does not count, but this process lives
    await rm(join(this.directory, 'lock'), { force: true });
  }

  async close(): Promise<void> {
    await this.#storage?.close();
    this.#storage = undefined;
  }

  async send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    assert.ok(this.#handler);
    return this.#handler(new Request(`http://registry${path}`, { method, ...init }));
  }

  collectGarbage(options: GarbageOptions = {}): Promise<GarbageReport> {
    assert.ok(this.#storage);
    return collectGarbage(this.#storage, { now: this.time, ...options });
  }

  expireUploads(maxAgeMs: number): Promise<number> {
    assert.ok(this.#sessions);
    return this.#sessions.expire({ now: this.time, maxAgeMs });
  }

  repository(name: string): RepositoryModel {
    const found = this.model.get(name) ?? {
      blobs: new Map<string, Uint8Array>(),
      manifests: new Map<string, Uint8Array>(),
      tags: new Map<string, string>(),
    };
    this.model.set(name, found);
    return found;
  }

  /** Pushes a blob (POST, PUT); returns its digest. */
  async pushBlob(name: string, bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    const post = await this.send('POST', `/v2/${name}/blobs/uploads/`);
    assert.equal(post.status, 202);
    const location = post.headers.get('location');
    const put = await this.send('PUT', `${location}?digest=${digest}`, { body: bytes });
    assert.equal(put.status, 201);
    this.repository(name).blobs.set(digest, bytes);
    return digest;
  }

  /** Pushes a manifest by tag, or by digest; returns its digest. */
  async pushManifest(name: string, bytes: Uint8Array, tag?: string): Promise<string> {
    const digest = digestOf(bytes);
    const { mediaType } = JSON.parse(new TextDecoder().decode(bytes)) as { mediaType: string };
    const response = await this.send('PUT', `/v2/${name}/manifests/${tag ?? digest}`, {
      body: bytes,
      headers: { 'content-type': mediaType },
    });
    assert.equal(response.status, 201, await response.text());
    const model = this.repository(name);
    model.manifests.set(digest, bytes);
    if (tag !== undefined) model.tags.set(tag, digest);
    return digest;
  }

  async status(method: string, path: string): Promise<number> {
    const response = await this.send(method, path);
    await response.body?.cancel();
    return response.status;
  }

  async tags(name: string): Promise<readonly string[]> {
    const response = await this.send('GET', `/v2/${name}/tags/list`);
    if (response.status === 404) return [];
    return ((await response.json()) as { tags: string[] }).tags;
  }

  async referrers(name: string, subject: string): Promise<readonly string[]> {
    const response = await this.send('GET', `/v2/${name}/referrers/${subject}`);
    assert.equal(response.status, 200);
    const index = (await response.json()) as { manifests: TestDescriptor[] };
    return index.manifests.map((entry) => entry.digest);
  }

  /**
   * Verifies everything anew: what was acknowledged is there, byte for byte; what is there is whole;
   * every manifest that names a subject is listed with it, and nothing else is.
   * @param certain false after a crash: what was not acknowledged may be there too
   */
  async check(certain = true): Promise<void> {
    for (const [name, model] of this.model) {
      for (const [digest, bytes] of model.blobs) {
        const response = await this.send('GET', `/v2/${name}/blobs/${digest}`);
        assert.equal(response.status, 200, `${name}@${digest} is lost`);
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
      }
      for (const [digest, bytes] of model.manifests) {
        const response = await this.send('GET', `/v2/${name}/manifests/${digest}`);
        assert.equal(response.status, 200, `manifest ${name}@${digest} is lost`);
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
      }
      for (const [tag, digest] of model.tags) {
        const response = await this.send('HEAD', `/v2/${name}/manifests/${tag}`);
        assert.equal(response.headers.get('docker-content-digest'), digest, `tag ${tag}`);
      }
      await this.#checkTags(name, certain);
      await this.#checkReferrers(name, certain);
    }
  }

  async #checkTags(name: string, certain: boolean): Promise<void> {
    const listed = await this.tags(name);
    const expected = [...this.repository(name).tags.keys()].sort();
    if (certain) assert.deepEqual(listed, expected);
    for (const tag of listed) {
      assert.equal(await this.status('GET', `/v2/${name}/manifests/${tag}`), 200, `tag ${tag}`);
    }
  }

  async #checkReferrers(name: string, certain: boolean): Promise<void> {
    const expected = new Map<string, string[]>();
    for (const [digest, bytes] of this.repository(name).manifests) {
      const { subject } = JSON.parse(new TextDecoder().decode(bytes)) as ReadManifest;
      const list = expected.get(digest) ?? [];
      expected.set(digest, list);
      if (subject === undefined) continue;
      expected.set(subject.digest, [...(expected.get(subject.digest) ?? []), digest]);
    }
    for (const [subject, referrers] of expected) {
      const listed = await this.referrers(name, subject);
      for (const digest of referrers) assert.ok(listed.includes(digest), `${digest} is not listed`);
      if (certain) assert.equal(listed.length, referrers.length);
      for (const digest of listed) {
        assert.equal(await this.status('GET', `/v2/${name}/manifests/${digest}`), 200);
      }
    }
  }
}

/**
 * Calls `use` with a new empty directory and removes it afterwards; in memory where the machine has
 * that, since what is tested is the order of the steps and not the disk.
 */
export async function withScratchDir(use: (directory: string) => Promise<void>): Promise<void> {
  const inMemory = await access('/dev/shm').then(
    () => true,
    () => false,
  );
  const directory = await mkdtemp(join(inMemory ? '/dev/shm' : tmpdir(), 'nv2-registry-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Calls `use` with a registry in a new directory, which is removed afterwards. */
export async function withRegistry(
  use: (harness: Harness) => Promise<void>,
  options: Partial<RegistryOptions> = {},
): Promise<void> {
  await withScratchDir(async (directory) => {
    const harness = new Harness(directory);
    await harness.open({}, options);
    try {
      await use(harness);
    } finally {
      await harness.close();
    }
  });
}

/** The code of this registry in the body of an error. */
export async function codeOf(response: Response): Promise<string> {
  const body = (await response.json()) as { errors: { code: string; detail: { code: string } }[] };
  return body.errors[0]?.detail.code ?? '';
}
