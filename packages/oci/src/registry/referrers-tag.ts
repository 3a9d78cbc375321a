import type { Clock } from '@nv2/http';
import type { Subject } from '../artifact.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError, type OciWarningCode } from '../errors.ts';
import { encodeManifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-types.ts';
import { describeContent } from '../verified-reader.ts';
import { parseReferrersPage, type ReferrersLimits, referrersTag } from './referrers-list.ts';
import { fetchManifestByName, manifestPath, resolveManifest } from './resolve.ts';
import { registryError } from './response-error.ts';
import type { RegistrySession } from './session.ts';

/** Where the index behind a referrers tag is. */
export interface ReferrersTagContext {
  readonly session: RegistrySession;
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly limits: ReferrersLimits;
  readonly signal?: AbortSignal | undefined;
}

/** What a referrers tag points to. */
export type ReferrersIndex =
  | { readonly kind: 'none' }
  /** The tag names a manifest that is no index of referrers. */
  | { readonly kind: 'other'; readonly mediaType: string }
  | {
      readonly kind: 'index';
      readonly descriptor: Descriptor;
      readonly referrers: readonly Descriptor[];
      readonly etag: string | undefined;
    };

/** @throws OciError `OCI_REFERRERS_INVALID` if an index is there and malformed */
export async function fetchReferrersIndex(
  subject: Subject,
  context: ReferrersTagContext,
): Promise<ReferrersIndex> {
  const { limits, ...location } = context;
  const reference = referrersTag(subject);
  const found = await fetchManifestByName({ ...location, reference }).catch((error: unknown) => {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined;
    throw error;
  });
  // some registries resolve the tag to the subject itself, whose children are not its referrers
  if (found === undefined || found.descriptor.digest === subject.digest) return { kind: 'none' };
  const { descriptor, bytes, etag } = found;
  const { mediaType } = descriptor;
  if (mediaType !== MEDIA_TYPE.imageIndex) return { kind: 'other', mediaType };
  const { referrers } = parseReferrersPage(bytes, limits.maxPageBytes);
  return { kind: 'index', descriptor, referrers, etag };
}

/** How {@link addToReferrersTag} waits. */
export interface SettleOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
}

const MAX_ROUNDS = 60;
const MAX_FAILURES = 5;
const MIN_SETTLE_MS = 50;
const MAX_SETTLE_MS = 2000;

/**
 * Adds an entry to the index behind a subject's referrers tag. After return the entry was read back
 * from the registry, a while after it was written.
 *
 * A registry without the referrers API seldom has conditional requests, so two writers can replace
 * each other's index unnoticed. Therefore, until it holds: read, merge with all that was seen
 * before, write (on condition where the registry gives a validator), wait for longer than this
 * writer needed from read to write, read again. A writer that was replaced sees it and merges; a
 * writer that replaces another does it before the other has looked for the last time, unless it is
 * many times slower.
 *
 * @returns warnings; the outdated indexes are deleted where the registry lets them be
 * @throws OciError `OCI_REFERRERS_CONFLICT` after 60 rounds, `OCI_REFERRERS_INVALID` if the tag
 *   names something else than an index
 * @see distribution-spec 1.1.1, pushing manifests with subject
 */
export async function addToReferrersTag(
  entry: Descriptor,
  subject: Descriptor,
  context: ReferrersTagContext & SettleOptions,
): Promise<readonly OciWarningCode[]> {
  return await changeReferrersTag({ add: entry }, subject, context);
}

/**
 * Takes an entry off the index behind a subject's referrers tag, if there is one that has it; as
 * {@link addToReferrersTag}. The manifest of the entry must be gone by then: that is how another
 * writer, who has read the old index, knows that the entry is not to come back.
 */
export async function removeFromReferrersTag(
  { digest }: Descriptor,
  subject: Descriptor,
  context: ReferrersTagContext & SettleOptions,
): Promise<readonly OciWarningCode[]> {
  return await changeReferrersTag({ remove: digest }, subject, context);
}

/** What becomes of an index: an entry more, or the entry of a digest less. */
type IndexChange =
  | { readonly add: Descriptor; readonly remove?: undefined }
  | { readonly remove: string; readonly add?: undefined };

async function changeReferrersTag(
  change: IndexChange,
  subject: Descriptor,
  context: ReferrersTagContext & SettleOptions,
): Promise<readonly OciWarningCode[]> {
  const update = new IndexUpdate(change, subject, context);
  let failures = 0;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const settled = await update.isSettled().catch((error: unknown) => {
      // some registries fail to read a tag that is being written
      if (isUnavailable(error) && failures++ < MAX_FAILURES) return undefined;
      throw error;
    });
    if (settled === true) return await update.deleteOutdated();
    if (settled === false) await update.write();
    await update.wait(round);
  }
  const kept = change.add ? `keep ${change.add.digest}` : `lose ${change.remove}`;
  throw new OciError(
    'OCI_REFERRERS_CONFLICT',
    `the tag ${referrersTag(subject)} did not ${kept} in ${MAX_ROUNDS} rounds`,
    {
      hint: 'too many writers change the signatures of the same artifact at the same time: try again later',
      data: {
        tag: referrersTag(subject),
        digest: change.add?.digest ?? change.remove,
        rounds: MAX_ROUNDS,
      },
    },
  );
}

function isUnavailable(error: unknown): boolean {
  return error instanceof OciError && error.code === 'OCI_REGISTRY_UNAVAILABLE';
}

class IndexUpdate {
  readonly #change: IndexChange;
  readonly #subject: Descriptor;
  readonly #context: ReferrersTagContext & SettleOptions;
  /** Every entry seen since the start: what another writer removed by accident comes back. */
  readonly #known: Map<string, Descriptor> = new Map();
  /** Indexes that were replaced, by digest. */
  readonly #outdated: Map<string, Descriptor> = new Map();
  #current: ReferrersIndex = { kind: 'none' };
  #readAtMs = 0;
  /** The longest time that this writer needed from reading to having written. */
  #windowMs = 0;

  constructor(
    change: IndexChange,
    subject: Descriptor,
    context: ReferrersTagContext & SettleOptions,
  ) {
    this.#change = change;
    this.#subject = subject;
    this.#context = context;
  }

  /** Reads the index, and says whether it is as wanted and has all that was seen in earlier rounds. */
  async isSettled(): Promise<boolean> {
    this.#readAtMs = this.#context.clock.now();
    this.#current = await fetchReferrersIndex(this.#subject, this.#context);
    const { add, remove } = this.#change;
    if (this.#current.kind === 'other') {
      if (add === undefined) return true;
      throw notAnIndex(this.#subject, this.#current.mediaType);
    }
    const present = this.#current.kind === 'index' ? this.#current.referrers : [];
    const digests = new Set(present.map(({ digest }) => digest));
    await this.#forgetDeleted(digests);
    const isMade = add ? digests.has(add.digest) : !digests.has(remove);
    const complete = isMade && [...this.#known.keys()].every((key) => digests.has(key));
    for (const referrer of present) this.#known.set(referrer.digest, referrer);
    if (remove !== undefined) this.#known.delete(remove);
    return complete;
  }

  /** What is off the list because it was deleted does not come back. */
  async #forgetDeleted(present: ReadonlySet<string>): Promise<void> {
    const { session, repository, scopes, signal } = this.#context;
    for (const reference of [...this.#known.keys()].filter((key) => !present.has(key))) {
      const location = { session, repository, scopes, signal, reference };
      const isGone = await resolveManifest(location).then(
        () => false,
        (error: unknown) => error instanceof OciError && error.code === 'OCI_NOT_FOUND',
      );
      if (isGone) this.#known.delete(reference);
    }
  }

  /** Replaces the index by one with everything known. */
  async write(): Promise<void> {
    const { session, repository, scopes, signal, clock } = this.#context;
    const { add } = this.#change;
    if (add !== undefined) this.#known.set(add.digest, add);
    const manifests = [...this.#known.values()];
    const mediaType = MEDIA_TYPE.imageIndex;
    const body = encodeManifest({ kind: 'index', mediaType, manifests });
    const response = await session.send(
      {
        method: 'PUT',
        url: manifestPath(repository, referrersTag(this.#subject)),
        headers: { 'content-type': mediaType, ...this.#condition() },
        body,
        scopes,
      },
      signal ? { signal } : {},
    );
    this.#windowMs = Math.max(this.#windowMs, clock.now() - this.#readAtMs);
    // 409 and 412: somebody else was faster, the next round merges with what they wrote
    if (response.status === 409 || response.status === 412) return await response.discard();
    if (response.status !== 201) throw await registryError(response, 'PUT');
    await response.discard();
    this.#noteReplaced(describeContent(body, mediaType));
  }

  /** Waits until every writer that has read the index before it was written has written too. */
  async wait(round: number): Promise<void> {
    const { random, sleep } = this.#context;
    const settleMs = Math.min(Math.max(this.#windowMs * 3, MIN_SETTLE_MS), MAX_SETTLE_MS);
    // writers that collided must not go on in step
    await sleep(Math.round(settleMs * (1 + random() * Math.min(round - 1, 4))));
  }

  /** Deletes the indexes that were replaced. */
  async deleteOutdated(): Promise<readonly OciWarningCode[]> {
    const { session, repository, signal } = this.#context;
    if (this.#current.kind === 'index') this.#outdated.delete(this.#current.descriptor.digest);
    let failed = false;
    for (const digest of this.#outdated.keys()) {
      const url = manifestPath(repository, digest);
      const scopes = [`repository:${repository}:delete`];
      const status = await session
        .send({ method: 'DELETE', url, scopes }, signal ? { signal } : {})
        .then(async (response) => {
          await response.discard();
          return response.status;
        })
        .catch(() => 0);
      failed ||= status !== 202 && status !== 200 && status !== 404;
    }
    return failed ? ['OCI_REFERRERS_INDEX_NOT_DELETED'] : [];
  }

  #condition(): Readonly<Record<string, string>> {
    if (this.#current.kind !== 'index' || this.#current.etag === undefined) return {};
    // a weak validator cannot be a precondition (RFC 9110 13.1.1)
    return this.#current.etag.startsWith('W/') ? {} : { 'if-match': this.#current.etag };
  }

  #noteReplaced(written: Descriptor): void {
    if (this.#current.kind !== 'index') return;
    const { descriptor } = this.#current;
    if (descriptor.digest !== written.digest) this.#outdated.set(descriptor.digest, descriptor);
  }
}

function notAnIndex(subject: Descriptor, mediaType: string): OciError {
  const tag = referrersTag(subject);
  return new OciError('OCI_REFERRERS_INVALID', `the tag ${tag} is ${mediaType}, not an index`, {
    hint: `the tag ${tag} is reserved for referrers: have whatever it names tagged otherwise`,
    data: { tag, mediaType },
  });
}
