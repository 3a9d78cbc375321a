import { isDigest, Nv2Error } from '@nv2/core';
import { type ArtifactSource, type CallOptions, type Descriptor, plainDescriptor } from '@nv2/oci';
import { NotaryError } from '../errors.ts';

/**
 * The artifact behind a tag or digest. Everything after acts on the digest that this returns.
 *
 * @throws NotaryError `NOTARY_ARTIFACT_NOT_FOUND`, `NOTARY_DIGEST_CHANGED`, `NOTARY_RESOLVE_FAILED`;
 *   the error of the source is its cause
 */
export async function resolveArtifact(
  source: ArtifactSource,
  version: string,
  options: CallOptions,
): Promise<Descriptor> {
  const subject = plainDescriptor(await resolve(source, version, options));
  if (isDigest(version) && version !== subject.digest) {
    throw new NotaryError(
      'NOTARY_DIGEST_CHANGED',
      `asked for ${version} and got ${subject.digest}`,
      {
        data: { expected: version, got: subject.digest },
        hint: 'the registry, or what is between, answers with other content than it was asked for: tell its operator',
      },
    );
  }
  return subject;
}

async function resolve(
  source: ArtifactSource,
  version: string,
  options: CallOptions,
): Promise<Descriptor> {
  try {
    return await source.resolve(version, options);
  } catch (cause) {
    throw resolveFailed(version, cause);
  }
}

function resolveFailed(version: string, cause: unknown): NotaryError {
  const missing = cause instanceof Nv2Error && cause.kind === 'missing';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NotaryError(
    missing ? 'NOTARY_ARTIFACT_NOT_FOUND' : 'NOTARY_RESOLVE_FAILED',
    `failed to resolve ${version}: ${reason}`,
    {
      cause,
      data: { version, ...(!missing && causeCode(cause)) },
      hint: cause instanceof Nv2Error ? cause.hint : undefined,
    },
  );
}

/** What lies behind a failure, so that a script can tell "log in" from "try later". */
export function causeCode(cause: unknown): { readonly causeCode?: string } {
  return cause instanceof Nv2Error ? { causeCode: cause.code } : {};
}
