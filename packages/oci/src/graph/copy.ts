import type { CallOptions, StreamingSource, StreamingTarget } from '../artifact.ts';
import { type Descriptor, plainDescriptor } from '../descriptor.ts';
import type { OciWarningCode } from '../errors.ts';
import { Copier } from './copier.ts';
import type { GraphLimits } from './limits.ts';
import type { LeftOut } from './referrer-manifest.ts';

/** Options of {@link copyArtifact}. */
export interface CopyOptions extends CallOptions {
  /** The tag that the artifact gets in the target; set last of all. */
  readonly tag?: string;
  readonly limits?: Partial<GraphLimits>;
  /** Transfers at the same time, at least 1. Default {@link DEFAULT_COPY_CONCURRENCY}. */
  readonly concurrency?: number;
}

/** Transfers at the same time where the caller names no other number. */
export const DEFAULT_COPY_CONCURRENCY = 4;

/** What was copied. */
export interface CopyReport {
  readonly root: Descriptor;
  /** Every manifest that is in the target now, the artifact's own included. */
  readonly manifests: readonly Descriptor[];
  /** Of these, what refers to another: signatures, and what else is attached. */
  readonly referrers: readonly Descriptor[];
  readonly blobs: { readonly present: number; readonly mounted: number; readonly sent: number };
  /** Of the blobs that were sent. */
  readonly bytesSent: number;
  /** Layers that registries do not hold and that are not copied. */
  readonly foreignLayers: readonly Descriptor[];
  /** What is listed as a referrer and is none. */
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly OciWarningCode[];
}

/**
 * Copies an artifact with everything that it is made of and everything that refers to it, to the
 * children of an index, and to a referrer. Every byte is checked against the digest it is named by.
 *
 * The target never holds a manifest whose parts are missing: blobs come first, then the manifests
 * inside of an index, then what holds them, then the referrers, and the tag last. What the target has
 * is not sent again. When this throws, what was copied so far is whole, and the tag is as it was.
 *
 * @param root as the source resolved it
 * @throws OciError `OCI_GRAPH_LIMIT`, `OCI_DIGEST_MISMATCH`, `OCI_SIZE_MISMATCH`, `OCI_MANIFEST_*`,
 *   and the errors of both sides; RangeError for a concurrency below 1
 */
export async function copyArtifact(
  source: StreamingSource,
  target: StreamingTarget,
  root: Descriptor,
  options: CopyOptions = {},
): Promise<CopyReport> {
  const { tag, limits = {}, concurrency = DEFAULT_COPY_CONCURRENCY, signal } = options;
  const copier = new Copier(source, target, { limits, concurrency, signal });
  try {
    return await copier.run(plainDescriptor(root), tag);
  } finally {
    copier.close();
  }
}
