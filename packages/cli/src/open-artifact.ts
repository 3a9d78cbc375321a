import { resolve } from 'node:path';
import {
  type CredentialSource,
  type DeletingTarget,
  openLayout,
  openLayoutSource,
  openRepository,
  type StreamingSource,
  type StreamingTarget,
} from '@nv2/oci';
import type { ArtifactName } from './artifact-reference.ts';
import type { CommandContext } from './context.ts';
import { isDirectoryPath } from './files.ts';
import { registryAccess } from './registry-access.ts';

/** How standard input is named on the command line. */
const STANDARD_INPUT = '-';

/** Whether what the command line calls a layout is an archive, which nothing can be added to. */
export function isArchive({ io }: Pick<CommandContext, 'io'>, path: string): boolean {
  return path === STANDARD_INPUT || !isDirectoryPath(resolve(io.cwd, path));
}

/** Opens the place of an artifact for reading; `close` frees its connections. */
export async function openSource(
  context: CommandContext,
  name: ArtifactName,
  credentials?: CredentialSource,
): Promise<{ readonly source: StreamingSource; readonly close: () => void }> {
  if (name.kind === 'layout') return await openLayoutNamed(context, name.path);
  const { target, close } = await openTarget(context, name, { credentials });
  return { source: target, close };
}

/** Opens the place of an artifact for reading and adding signatures. */
export async function openTarget(
  context: CommandContext,
  name: Pick<ArtifactName, 'kind'> & TargetName,
  options: {
    /** Make a layout where there is none. */
    readonly create?: boolean;
    readonly credentials?: CredentialSource | undefined;
  } = {},
): Promise<{ readonly target: OpenTarget; readonly close: () => void }> {
  const { create = false, credentials } = options;
  if (name.kind === 'layout') {
    const options = { create, resolvesAbsent: context.program === 'notation' };
    const target = await openLayout(resolve(context.io.cwd, name.path), options);
    return { target, close: () => undefined };
  }
  const { reference } = name;
  const access = await registryAccess(context, reference.registry, credentials);
  return { target: openRepository(reference, access.options), close: access.close };
}

/** A repository or layout that is open for everything. */
export type OpenTarget = StreamingSource & StreamingTarget & DeletingTarget;

/** Where something can be written to. */
export type TargetName =
  | Pick<Extract<ArtifactName, { kind: 'registry' }>, 'kind' | 'reference'>
  | Pick<Extract<ArtifactName, { kind: 'layout' }>, 'kind' | 'path'>;

async function openLayoutNamed(
  context: CommandContext,
  path: string,
): Promise<{ readonly source: StreamingSource; readonly close: () => void }> {
  const { cwd, signal } = context.io;
  if (path !== STANDARD_INPUT) {
    const resolvesAbsent = context.program === 'notation';
    const source = await openLayoutSource(resolve(cwd, path), { signal, resolvesAbsent });
    return { source, close: () => undefined };
  }
  const { spoolInput } = await import('./spooled-input.ts');
  const spooled = await spoolInput(context);
  try {
    const options = { signal, name: 'standard input' };
    return { source: await openLayoutSource(spooled.path, options), close: spooled.close };
  } catch (error) {
    spooled.close();
    throw error;
  }
}
