import { EMPTY_CONFIG, loadNotationConfig, type NotationConfig } from '@nv2/notary';
import type { CommandContext } from './context.ts';

/**
 * notation's config.json, for its insecure registries and its signature format. Called as notation,
 * it is that of the default directory whatever NOTATION_CONFIG says, and one that cannot be read
 * counts as absent: so does the reference, and both err on the side of HTTPS.
 */
export async function loadSettings({
  environment,
  program,
}: CommandContext): Promise<NotationConfig> {
  if (program === 'nv2') {
    const { knownPaths } = environment;
    return knownPaths === undefined ? EMPTY_CONFIG : loadNotationConfig(knownPaths);
  }
  return loadNotationConfig(environment.defaultPaths).catch(() => EMPTY_CONFIG);
}
