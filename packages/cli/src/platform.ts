import { resolveArtifact } from '@nv2/notary';
import {
  type ArtifactSource,
  fetchIndex,
  isIndexMediaType,
  OciError,
  type Platform,
  parsePlatform,
  selectPlatform,
} from '@nv2/oci';
import type { ArtifactName } from './artifact-reference.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { quote } from './text/quote.ts';

/** What a command is about. */
export interface ChosenArtifact {
  readonly name: ArtifactName;
  /** As the index says; absent where the named artifact itself was chosen. */
  readonly platform?: Platform | undefined;
}

/**
 * The artifact that a command is about: the named one or, with `--platform`, the manifest of the
 * named index for that platform, by its digest. The index is read by the digest it was resolved to.
 * @throws CliError `CLI_USAGE`; OciError `OCI_PLATFORM_NOT_FOUND`; the errors of resolving
 */
export async function chosenArtifact(
  { io, flags, program }: CommandContext,
  source: ArtifactSource,
  name: ArtifactName,
): Promise<ChosenArtifact> {
  const text = program === 'nv2' ? flags.string('platform') : '';
  if (text === '') return { name };
  const platform = parsePlatform(text);
  if (platform === undefined) {
    throw usageError(
      `invalid argument ${quote(text)} for "--platform" flag: expected os/architecture or os/architecture/variant`,
    );
  }
  const { signal } = io;
  const root = await resolveArtifact(source, name.version, { signal });
  if (!isIndexMediaType(root.mediaType)) {
    throw new OciError('OCI_PLATFORM_NOT_FOUND', `${root.digest} is no index: ${root.mediaType}`, {
      hint: 'leave out --platform: there is one manifest only',
      data: { platform: text, digest: root.digest },
    });
  }
  const { manifests } = await fetchIndex(source, root, { signal });
  const chosen = selectPlatform(platform, manifests);
  return { name: { ...name, version: chosen.digest }, platform: chosen.platform };
}
