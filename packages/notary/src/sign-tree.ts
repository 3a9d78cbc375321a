import { type Artifact, type ArtifactTarget, type GraphLimits, listIndexManifests } from '@nv2/oci';
import { type SignArtifactOptions, type SignedArtifact, sign } from './sign.ts';
import { callOptions } from './signatures/call-options.ts';
import { resolveArtifact } from './signatures/resolve.ts';
import { readingIndex } from './verify/index-content.ts';

/** How {@link signTree} signs. */
export interface SignTreeOptions extends SignArtifactOptions {
  readonly limits?: Partial<GraphLimits>;
}

/**
 * Signs an artifact and, if it is an index, every manifest inside of it, of nested indexes too. What
 * is inside is signed first: a signature of the index was made when all of it had one.
 *
 * @returns what was signed, the artifact itself last
 * @throws as {@link sign}, with the signatures before it in place; `NOTARY_INDEX_INVALID`,
 *   `NOTARY_INDEX_FAILED` before anything is signed
 */
export async function signTree(
  { source, version }: Artifact<ArtifactTarget>,
  options: SignTreeOptions,
): Promise<readonly SignedArtifact[]> {
  const { limits, ...rest } = options;
  const call = callOptions(options);
  const root = await resolveArtifact(source, version, call);
  const manifests = await readingIndex(root, () =>
    listIndexManifests(source, root, { ...call, ...(limits && { limits }) }),
  );
  const signed: SignedArtifact[] = [];
  for (const { digest } of manifests.toReversed()) {
    signed.push(await sign({ source, version: digest }, rest));
  }
  return signed;
}
