import { isTag, type Reference } from '@nv2/oci';
import { isStandardStream, parseGiven } from './artifact-reference.ts';
import { usageError } from './errors.ts';
import { CommandFailure } from './failure.ts';
import type { TargetName } from './open-artifact.ts';
import { quote } from './text/quote.ts';

/** Where a copy goes. */
export interface Destination {
  readonly target: TargetName;
  readonly tag?: string;
  /** What is copied must have this digest. */
  readonly digest?: string;
  /** The place without tag and digest, as it was given. */
  readonly place: string;
}

/** Reads the destination of a copy: with a tag, a digest or neither. @throws CliError `CLI_USAGE` */
export function readDestination(
  text: string,
  { isLayout }: { readonly isLayout: boolean },
): Destination {
  if (isLayout) return readLayout(text);
  const reference = readRegistry(text);
  const { registry, repository, tag, digest } = reference;
  return {
    target: { kind: 'registry', reference },
    place: `${registry}/${repository}`,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

// Nothing tells the name of a directory that is not there yet from that of a repository.
function readRegistry(text: string): Reference {
  try {
    return parseGiven(text);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const hint = 'write <registry>/<repository>:<tag>, or add --to-oci-layout for a directory';
    throw new CommandFailure({ ...error.facts, hint }, { cause: error.error });
  }
}

// A path may hold colons: what follows the last one is a tag only if it can be one.
function readLayout(text: string): Destination {
  if (isStandardStream(text)) {
    throw usageError(
      `${quote(text)}: the destination of a copy cannot be standard output: name a directory, as ${quote(`./${text}`)} for one that is called so`,
    );
  }
  const at = text.lastIndexOf('@sha');
  if (at > 0) return layout(text.slice(0, at), { digest: text.slice(at + 1) });
  const colon = text.lastIndexOf(':');
  const tag = text.slice(colon + 1);
  if (colon > 1 && isTag(tag)) return layout(text.slice(0, colon), { tag });
  if (text === '' || text.endsWith(':')) {
    throw usageError(
      `${quote(text)}: invalid destination. Expecting <oci_layout_path> or <oci_layout_path>:<tag>`,
    );
  }
  return layout(text, {});
}

function layout(path: string, version: Pick<Destination, 'tag' | 'digest'>): Destination {
  return { target: { kind: 'layout', path }, place: path, ...version };
}
