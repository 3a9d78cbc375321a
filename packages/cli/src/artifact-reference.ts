import { resolve } from 'node:path';
import { formatReference, OciError, parseReference, type Reference } from '@nv2/oci';
import type { CommandContext } from './context.ts';
import { usageError } from './errors.ts';
import { CommandFailure } from './failure.ts';
import { kindOfPath } from './files.ts';
import { quote } from './text/quote.ts';

/** An artifact in a registry. */
export interface RegistryName {
  readonly kind: 'registry';
  readonly reference: Reference;
  /** Tag or digest. */
  readonly version: string;
  /** `registry/repository`: what the trust policy is asked about. */
  readonly scope: string;
}

/** An artifact as the command line names it. */
export type ArtifactName =
  | RegistryName
  | {
      readonly kind: 'layout';
      /** As given on the command line. */
      readonly path: string;
      readonly version: string;
      readonly scope: string;
    };

/** Reads the reference of a command, of a registry or, with `--oci-layout`, of an image layout. */
export function readArtifactName({ io, args, flags, command }: CommandContext): ArtifactName {
  const text = args[0] ?? '';
  const hasLayouts = command.flags?.some(({ name }) => name === 'oci-layout') === true;
  if (!hasLayouts) return readRegistryName(text);
  if (!flags.isOn('oci-layout')) return readUnlessLayout(text, { cwd: io.cwd, flag: 'oci-layout' });
  const hasScope = command.flags?.some(({ name }) => name === 'scope') === true;
  const scope = hasScope && flags.isSet('scope') ? flags.string('scope') : undefined;
  return readSourceName(text, { isLayout: true, scope, cwd: io.cwd });
}

/** The scope of a layout where none is asked for: the trust is of the command line, for any scope. */
const LAYOUT_SCOPE = 'local/layout';

/**
 * Reads a reference of a registry or, where it is of a layout, of that.
 * @param scope of a layout: what the trust policy is asked about; undefined where none is named
 */
export function readSourceName(
  text: string,
  {
    isLayout,
    scope,
    cwd,
  }: { readonly isLayout: boolean; readonly scope: string | undefined; readonly cwd: string },
): ArtifactName {
  if (!isLayout) return readUnlessLayout(text, { cwd, flag: 'from-oci-layout' });
  return { ...splitLayout(text), scope: scope ?? LAYOUT_SCOPE };
}

/** Whether the name is one that may point to something else tomorrow. */
export function isTagged({ version }: ArtifactName): boolean {
  return !version.includes(':');
}

/** The artifact with its digest, as results name it. */
export function withDigest(name: ArtifactName, digest: string): string {
  return `${name.kind === 'layout' ? name.path : name.scope}@${digest}`;
}

/** The artifact with its digest, as the trust policy is asked for it. */
export function policyReference(name: ArtifactName, digest: string): string {
  return `${name.scope}@${digest}`;
}

/**
 * Reads a reference of a registry, which has a tag or a digest.
 * @throws CliError `CLI_USAGE`, CommandFailure `OCI_REFERENCE_INVALID`
 */
export function readRegistryName(text: string): RegistryName {
  const reference = parseGiven(text);
  const version = reference.digest ?? reference.tag;
  if (version === undefined) {
    throw usageError(
      `${quote(text)}: invalid reference: no tag or digest. Expecting <registry>/<repository>:<tag> or <registry>/<repository>@<digest>`,
    );
  }
  const { registry, repository } = reference;
  return { kind: 'registry', reference, version, scope: formatReference({ registry, repository }) };
}

/** As {@link readRegistryName}; of what looks like an image layout, the hint names the flag for it. */
function readUnlessLayout(
  text: string,
  { cwd, flag }: { readonly cwd: string; readonly flag: string },
): RegistryName {
  try {
    return readRegistryName(text);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const path = /^(.+?)(?:@[^@]*|:[^:/\\]*)$/.exec(text)?.[1];
    const kind = path === undefined ? undefined : kindOfPath(resolve(cwd, path));
    if (kind === undefined) throw error;
    const hint = `${path} is a ${kind}: add --${flag} if it is an image layout`;
    throw new CommandFailure({ ...error.facts, hint }, { cause: error.error });
  }
}

/** As {@link parseReference}; what cannot be read is told with the text that was given. */
export function parseGiven(text: string): Reference {
  try {
    return parseReference(text);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    throw new CommandFailure({ reference: text }, { cause });
  }
}

/** Whether what is given as a layout, with or without a tag or digest, is standard input or output. */
export function isStandardStream(text: string): boolean {
  return /^-(?:$|[:@])/.test(text);
}

/**
 * The path of a layout and what it is asked for. The last @ begins a digest, otherwise the last : begins
 * a tag, unless it is that of a drive or within a directory.
 * @throws CliError `CLI_USAGE`
 */
export function splitLayout(text: string): { kind: 'layout'; path: string; version: string } {
  const at = text.lastIndexOf('@');
  const split = at >= 0 ? at : text.lastIndexOf(':');
  const path = text.slice(0, Math.max(split, 0));
  const version = text.slice(split + 1);
  const isDrive = at < 0 && /^[A-Za-z]:\\/.test(text) && split === 1;
  if (path === '' || version === '' || isDrive || (at < 0 && /[\\/]/.test(version))) {
    const missing = split === 0 ? 'oci-layout file path' : 'tag or digest';
    throw usageError(
      `${quote(text)}: invalid reference: missing ${missing}. Expecting <file_path>:<tag> or <file_path>@<digest>`,
    );
  }
  return { kind: 'layout', path, version };
}
