import { createHttpClient } from '@nv2/http';
import type { Artifact } from '../artifact.ts';
import { OciError } from '../errors.ts';
import { formatReference, parseReference } from '../reference.ts';
import { openRepository, type Repository, type RepositoryOptions } from './repository.ts';

/** An artifact in a registry, as it was named. */
export interface RegistryArtifact extends Artifact<Repository> {
  /** As it was given. */
  readonly reference: string;
  /** `registry/repository`: what trust policies are asked about. */
  readonly scope: string;
}

/**
 * The artifact of a reference such as `localhost:5000/app:v1`, which has a tag or a digest. Nothing is
 * sent before the first call.
 *
 * @param options the client is by default one over the system's connections, without proxies
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function openArtifact(
  reference: string,
  options: Partial<RepositoryOptions> = {},
): RegistryArtifact {
  const { registry, repository, digest, tag } = parseReference(reference);
  const version = digest ?? tag;
  if (version === undefined) {
    throw new OciError(
      'OCI_REFERENCE_INVALID',
      `${JSON.stringify(reference)} has neither a tag nor a digest`,
      { data: { part: 'reference', value: reference } },
    );
  }
  const { client = createHttpClient() } = options;
  const source = openRepository({ registry, repository }, { ...options, client });
  return { source, version, reference, scope: formatReference({ registry, repository }) };
}
