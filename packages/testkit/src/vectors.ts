import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the Notary Project's third-party vectors beside the repository, or undefined where
 * it is absent; a test that needs it then skips and says so.
 */
export function vectorsDir(): string | undefined {
  const dir = fileURLToPath(new URL('../../../../shared/vectors/notary-project/', import.meta.url));
  return existsSync(dir) ? dir : undefined;
}

/** The `skip` option of a test that needs {@link vectorsDir}. */
export function skipWithoutVectors(): string | false {
  return vectorsDir() === undefined
    ? 'the third-party vectors are not beside this checkout (../shared/vectors)'
    : false;
}
