import { type JsonObject, type JsonValue, Nv2Error, parseDigest, parseJson } from '@nv2/core';
import { type HttpResponse, readBody } from '@nv2/http';
import type { Subject } from '../artifact.ts';
import { type Descriptor, readListedDescriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';

/** Bounds on one listing of referrers. Beyond any of them the listing fails. */
export interface ReferrersLimits {
  readonly maxPages: number;
  /** Of one page, and of the index behind a referrers tag. */
  readonly maxPageBytes: number;
  readonly maxTotalBytes: number;
  /** Before any filter. */
  readonly maxReferrers: number;
}

/** 500 pages, 4 MiB each, 64 MiB and 50,000 referrers in all. */
export const DEFAULT_REFERRERS_LIMITS: ReferrersLimits = {
  maxPages: 500,
  maxPageBytes: 4 * 1024 * 1024,
  maxTotalBytes: 64 * 1024 * 1024,
  maxReferrers: 50_000,
};

/** Counts one listing against its limits. */
export class ReferrersBudget {
  readonly #limits: ReferrersLimits;
  #pages = 0;
  #bytes = 0;
  #referrers = 0;

  constructor(limits: ReferrersLimits) {
    this.#limits = limits;
  }

  /** Before a page is asked for. @throws OciError `OCI_REFERRERS_LIMIT` */
  takePage(): void {
    this.#pages++;
    this.#check('maxPages', this.#pages);
  }

  /** The bytes of a page. @throws OciError `OCI_REFERRERS_LIMIT` */
  async read(response: HttpResponse): Promise<Uint8Array> {
    const { maxPageBytes } = this.#limits;
    const bytes = await readBody(response, { maxBytes: maxPageBytes }).catch((error: unknown) => {
      if (error instanceof Nv2Error && error.code === 'HTTP_BODY_TOO_LARGE') {
        throw limitExceeded('maxPageBytes', maxPageBytes);
      }
      throw error;
    });
    this.#bytes += bytes.length;
    this.#check('maxTotalBytes', this.#bytes);
    return bytes;
  }

  /** After a page is parsed. @throws OciError `OCI_REFERRERS_LIMIT` */
  takeReferrers(count: number): void {
    this.#referrers += count;
    this.#check('maxReferrers', this.#referrers);
  }

  #check(name: keyof ReferrersLimits, used: number): void {
    if (used > this.#limits[name]) throw limitExceeded(name, this.#limits[name]);
  }
}

/** A page of referrers, as the registry lists them. */
export interface ReferrersPage {
  readonly referrers: readonly Descriptor[];
  /** Filters that the index says were applied (release candidates of distribution-spec 1.1). */
  readonly filtersApplied: string | undefined;
}

/** @throws OciError `OCI_REFERRERS_INVALID` */
export function parseReferrersPage(bytes: Uint8Array, maxBytes: number): ReferrersPage {
  try {
    const index = parseJson(bytes, { maxBytes });
    if (!(index instanceof Map)) throw new OciError('OCI_REFERRERS_INVALID', 'not an object');
    const manifests: JsonValue | undefined = index.get('manifests');
    if (manifests === undefined) throw new OciError('OCI_REFERRERS_INVALID', 'no manifests');
    // Go writes a list that was never filled as null
    const list = manifests ?? [];
    if (!Array.isArray(list)) throw new OciError('OCI_REFERRERS_INVALID', 'manifests: not a list');
    return {
      referrers: list.map((item: JsonValue, at: number) =>
        readListedDescriptor(item, `manifests[${at}]`),
      ),
      filtersApplied: readFilters(index),
    };
  } catch (cause) {
    if (!(cause instanceof Nv2Error)) throw cause;
    throw malformed(cause);
  }
}

/** The tag that lists a subject's referrers in a registry without referrers API. */
export function referrersTag(subject: Subject): string {
  const { algorithm, hex } = parseDigest(subject.digest);
  // distribution-spec 1.1.1, referrers tag schema: at most 32 and 64 characters
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

function readFilters(index: JsonObject): string | undefined {
  const annotations = index.get('annotations');
  const filters =
    annotations instanceof Map
      ? annotations.get('org.opencontainers.referrers.filtersApplied')
      : undefined;
  return typeof filters === 'string' ? filters : undefined;
}

function malformed(cause: Nv2Error): OciError {
  return new OciError('OCI_REFERRERS_INVALID', `malformed list of referrers: ${cause.message}`, {
    hint: 'the registry is broken or not to be trusted: tell its operator',
    cause,
    data: cause.data,
  });
}

function limitExceeded(limit: keyof ReferrersLimits, value: number): OciError {
  return new OciError('OCI_REFERRERS_LIMIT', `more referrers than are read: ${limit} is ${value}`, {
    hint: 'someone may have flooded the repository: have unwanted referrers deleted',
    data: { limit, value },
  });
}
