import { notationFiles, type PluginOptions } from '@nv2/notary';
import type { CommandContext } from './context.ts';

/** Where plugins are and how they are run: without the user's registry credentials. */
export function pluginAccess({ environment }: CommandContext): {
  readonly directory: string;
  readonly options: PluginOptions;
} {
  return {
    directory: notationFiles(environment.paths).plugins,
    options: { environment: environment.childEnv },
  };
}
