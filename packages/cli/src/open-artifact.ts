import { resolve } from 'node:path';
import {
  type ArtifactSource,
  type ArtifactTarget,
  openLayout,
  openLayoutSource,
  openRepository,
} from '@nv2/oci';
import type { ArtifactName } from './artifact-reference.ts';
import type { CommandContext } from './context.ts';
import { registryAccess } from './registry-access.ts';

/** Opens the place of an artifact for reading; `close` frees its connections. */
export async function openSource(
  context: CommandContext,
  name: ArtifactName,
): Promise<{ readonly source: ArtifactSource; readonly close: () => void }> {
  if (name.kind === 'layout') {
    const { cwd, signal } = context.io;
    const source = await openLayoutSource(resolve(cwd, name.path), { signal });
    return { source, close: () => undefined };
  }
  const { target, close } = await openTarget(context, name);
  return { source: target, close };
}

/** Opens the place of an artifact for reading and adding signatures. */
export async function openTarget(
  context: CommandContext,
  name: ArtifactName,
): Promise<{ readonly target: ArtifactTarget; readonly close: () => void }> {
  if (name.kind === 'layout') {
    const target = await openLayout(resolve(context.io.cwd, name.path));
    return { target, close: () => undefined };
  }
  const { reference } = name;
  const { options, close } = await registryAccess(context, reference.registry);
  return { target: openRepository(reference, options), close };
}
