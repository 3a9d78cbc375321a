import { OciError } from '../errors.ts';
import type { LayoutFiles } from './files.ts';

/**
 * Returns unless the files are those of the older `docker save`, which Docker wrote alone before
 * version 25: a list of configs and uncompressed layers in `manifest.json`. The manifest that the
 * registry has, and that signatures are about, is in none of them and cannot be made again, since
 * the layers it names are compressed.
 * @throws OciError `OCI_DOCKER_ARCHIVE`
 */
export async function assertNotDockerArchive(files: LayoutFiles): Promise<void> {
  if ((await files.open('index.json')) !== undefined) return;
  if ((await files.open('manifest.json')) === undefined) return;
  throw new OciError(
    'OCI_DOCKER_ARCHIVE',
    `${files.name} is of the older form of docker save: it does not hold the manifest that signatures are about`,
    {
      hint: 'verify the image in its registry, or take it from there with "nv2 copy --to-oci-layout"; docker save of version 25 or later writes an OCI layout',
      data: { layout: files.name },
    },
  );
}
