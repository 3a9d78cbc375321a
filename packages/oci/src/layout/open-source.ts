import { stat } from 'node:fs/promises';
import type { CallOptions, StreamingSource } from '../artifact.ts';
import { type LayoutOptions, openLayout } from './directory.ts';
import { openLayoutTar } from './tar.ts';

/**
 * An OCI image layout for reading: in a directory, or in an archive where the path names a file.
 * `name` is how an archive is named to the user.
 * @throws OciError as {@link openLayout} and {@link openLayoutTar}
 */
export async function openLayoutSource(
  path: string,
  options: CallOptions & Pick<LayoutOptions, 'resolvesAbsent'> & { readonly name?: string } = {},
): Promise<StreamingSource> {
  // what cannot be looked at is told by whoever opens it
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ? openLayoutTar(path, options) : openLayout(path, options);
}
