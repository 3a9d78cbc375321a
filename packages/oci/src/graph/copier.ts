import type { ReferrersOptions, StreamingSource, StreamingTarget } from '../artifact.ts';
import { type Descriptor, plainDescriptor } from '../descriptor.ts';
import type { OciWarningCode } from '../errors.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { isContentOf } from '../verified-reader.ts';
import type { CopyReport } from './copy.ts';
import { Limiter } from './limiter.ts';
import { GraphBudget, type GraphLimits } from './limits.ts';
import { bytesKey, contentKey, partsOf } from './parts.ts';
import { type LeftOut, type ReferrerManifest, readReferrer } from './referrer-manifest.ts';

/** A manifest with its content. */
interface Loaded extends ReferrerManifest {
  readonly descriptor: Descriptor;
}

/** One copy under way; the order of its steps is that of `copyArtifact`. */
export class Copier {
  readonly #source: StreamingSource;
  readonly #target: StreamingTarget;
  readonly #budget: GraphBudget;
  readonly #limiter: Limiter;
  readonly #abort: AbortController = new AbortController();
  readonly #signal: AbortSignal;
  #failure: { readonly error: unknown } | undefined;

  readonly #trees: Map<string, Promise<void>> = new Map();
  readonly #blobs: Map<string, Promise<void>> = new Map();
  readonly #foreign: Map<string, Descriptor> = new Map();
  readonly #copied: Descriptor[] = [];
  readonly #referrers: Descriptor[] = [];
  readonly #leftOut: LeftOut[] = [];
  readonly #warnings: Set<OciWarningCode> = new Set();
  readonly #counts = { present: 0, mounted: 0, sent: 0 };
  #bytesSent = 0;

  constructor(
    source: StreamingSource,
    target: StreamingTarget,
    options: {
      readonly limits: Partial<GraphLimits>;
      readonly concurrency: number;
      readonly signal: AbortSignal | undefined;
    },
  ) {
    const { limits, concurrency, signal } = options;
    this.#source = source;
    this.#target = target;
    this.#budget = new GraphBudget(limits);
    this.#limiter = new Limiter(concurrency);
    this.#signal = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal;
  }

  async run(descriptor: Descriptor, tag: string | undefined): Promise<CopyReport> {
    const root = await this.#load(descriptor, 0);
    await this.#tree(root, 0);
    await this.#allReferrers(root);
    if (tag !== undefined) {
      this.#signal.throwIfAborted();
      await this.#push(root, tag);
    }
    return {
      root: descriptor,
      manifests: this.#copied,
      referrers: this.#referrers,
      blobs: this.#counts,
      bytesSent: this.#bytesSent,
      foreignLayers: [...this.#foreign.values()],
      leftOut: this.#leftOut,
      warnings: [...this.#warnings],
    };
  }

  /** Ends whatever a failure left under way. */
  close(): void {
    this.#abort.abort();
  }

  // The referrers of everything that was copied, then theirs, until there are no more.
  async #allReferrers({ descriptor: root }: Loaded): Promise<void> {
    let done = 0;
    for (let depth = 1; done < this.#copied.length; depth++) {
      const subjects = this.#copied.slice(done);
      done = this.#copied.length;
      const work = subjects.map((subject) => {
        const options = { signal: this.#signal, includeMissing: subject === root };
        return this.#referrersOf(subject, { depth, options });
      });
      await this.#all(work);
    }
  }

  async #referrersOf(
    subject: Descriptor,
    { depth, options }: { readonly depth: number; readonly options: ReferrersOptions },
  ): Promise<void> {
    const listed = await this.#limiter.run(async () => {
      const entries: Descriptor[] = [];
      for await (const entry of this.#source.referrers(subject, options)) {
        this.#budget.takeReferrer();
        entries.push(plainDescriptor(entry));
      }
      return entries;
    });
    await this.#all(listed.map((entry) => this.#referrer(entry, { subject, depth })));
  }

  async #referrer(
    descriptor: Descriptor,
    { subject, depth }: { readonly subject: Descriptor; readonly depth: number },
  ): Promise<void> {
    if (this.#trees.has(contentKey(descriptor))) return;
    this.#budget.takeManifest(descriptor, depth);
    const options = { subject, signal: this.#signal };
    const read = await this.#limiter.run(() => readReferrer(this.#source, descriptor, options));
    if ('reason' in read) {
      this.#leftOut.push(read);
      return;
    }
    await this.#tree({ descriptor, ...read }, depth);
    this.#referrers.push(descriptor);
  }

  async #load(descriptor: Descriptor, depth: number): Promise<Loaded> {
    this.#budget.takeManifest(descriptor, depth);
    const bytes = await this.#limiter.run(() =>
      this.#source.fetchManifest(descriptor, { signal: this.#signal }),
    );
    return { descriptor, bytes, manifest: parseManifest(bytes, descriptor.mediaType) };
  }

  #tree(loaded: Loaded, depth: number): Promise<void> {
    return once(this.#trees, contentKey(loaded.descriptor), () => this.#copyTree(loaded, depth));
  }

  async #copyTree(loaded: Loaded, depth: number): Promise<void> {
    await this.#parts(loaded.manifest, depth);
    await this.#limiter.run(() => this.#push(loaded));
    this.#copied.push(loaded.descriptor);
  }

  async #parts(manifest: Manifest, depth: number): Promise<void> {
    const { manifests, blobs, foreign } = partsOf(manifest);
    for (const layer of foreign) this.#foreign.set(layer.digest, plainDescriptor(layer));
    await this.#all([
      ...blobs.map((blob) => once(this.#blobs, bytesKey(blob), () => this.#blob(blob))),
      ...manifests.map((child) =>
        once(this.#trees, contentKey(child), async () => {
          const descriptor = plainDescriptor(child);
          await this.#copyTree(await this.#load(descriptor, depth + 1), depth + 1);
        }),
      ),
    ]);
  }

  async #blob(blob: Descriptor): Promise<void> {
    const signal = this.#signal;
    const embedded = embeddedContent(blob);
    const open = (): AsyncIterable<Uint8Array> =>
      embedded === undefined ? this.#source.readBlob(blob, { signal }) : oneChunk(embedded);
    const written = await this.#limiter.run(() => {
      signal.throwIfAborted();
      return this.#target.writeBlob(open, blob, { signal, from: this.#source.repository });
    });
    this.#counts[written] += 1;
    if (written === 'sent') this.#bytesSent += blob.size;
  }

  async #push({ descriptor, bytes, manifest }: Loaded, tag?: string): Promise<void> {
    const signal = this.#signal;
    signal.throwIfAborted();
    // one with a subject is pushed again, so that it is sure to be listed
    const mayBeThere = tag === undefined && manifest.subject === undefined;
    if (mayBeThere && (await this.#target.hasManifest(descriptor, { signal }))) return;
    const { warnings } = await this.#target.pushManifest(bytes, descriptor, {
      signal,
      ...(tag !== undefined && { tag }),
    });
    for (const warning of warnings) this.#warnings.add(warning);
  }

  /** Waits for all; the first failure ends the others and is what is thrown. */
  async #all(work: readonly Promise<void>[]): Promise<void> {
    const failed = (error: unknown): void => {
      this.#failure ??= { error };
      this.#abort.abort();
    };
    await Promise.all(work.map((one) => one.catch(failed)));
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function once(
  known: Map<string, Promise<void>>,
  key: string,
  work: () => Promise<void>,
): Promise<void> {
  const running = known.get(key) ?? work();
  known.set(key, running);
  return running;
}

/** What a descriptor embeds; a lie, which any referrer can tell, must not keep the rest from being copied. */
function embeddedContent(blob: Descriptor): Uint8Array | undefined {
  const { data } = blob;
  return data !== undefined && isContentOf(data, blob) ? data : undefined;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
