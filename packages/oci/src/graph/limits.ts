import { withDefaults } from '@nv2/core';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';

/** Bounds on walking from an artifact to its parts and referrers. Beyond any of them it fails. */
export interface GraphLimits {
  /** Steps from the artifact: into an index, or to a referrer. */
  readonly maxDepth: number;
  readonly maxManifests: number;
  /** Of all manifests together. */
  readonly maxManifestBytes: number;
  /** As they are listed, of all manifests together. */
  readonly maxReferrers: number;
}

/** 16 steps, 10,000 manifests of 256 MiB together, 10,000 referrers. */
export const DEFAULT_GRAPH_LIMITS: GraphLimits = {
  maxDepth: 16,
  maxManifests: 10_000,
  maxManifestBytes: 256 * 1024 * 1024,
  maxReferrers: 10_000,
};

/** Counts one walk against its limits. */
export class GraphBudget {
  readonly #limits: GraphLimits;
  #manifests = 0;
  #bytes = 0;
  #referrers = 0;

  constructor(limits: Partial<GraphLimits> = {}) {
    this.#limits = withDefaults(DEFAULT_GRAPH_LIMITS, limits);
  }

  /** Before a manifest is read. @throws OciError `OCI_GRAPH_LIMIT` */
  takeManifest({ size }: Descriptor, depth: number): void {
    this.#manifests += 1;
    this.#bytes += size;
    this.#check('maxDepth', depth);
    this.#check('maxManifests', this.#manifests);
    this.#check('maxManifestBytes', this.#bytes);
  }

  /** For each entry of a list of referrers. @throws OciError `OCI_GRAPH_LIMIT` */
  takeReferrer(): void {
    this.#referrers += 1;
    this.#check('maxReferrers', this.#referrers);
  }

  #check(limit: keyof GraphLimits, used: number): void {
    const value = this.#limits[limit];
    if (used <= value) return;
    throw new OciError(
      'OCI_GRAPH_LIMIT',
      `the artifact has more parts and referrers than are followed: ${limit} is ${value}`,
      {
        hint: 'someone may have flooded the repository: look at it with "nv2 tree" and have what is unwanted deleted',
        data: { limit, value },
      },
    );
  }
}
