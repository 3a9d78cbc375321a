import { CoreError, formatDigest, parseDigest } from '@nv2/core';
import { OciError } from './errors.ts';

/**
 * Names an artifact in a registry. Holds a tag or a digest or neither, never both: where a text
 * has both, the digest alone counts.
 */
export interface Reference {
  /** Host, with a port where one was given; brackets around an IPv6 address. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Which part of a reference is malformed; in the data of `OCI_REFERENCE_INVALID`. */
export type ReferencePart = 'reference' | 'registry' | 'repository' | 'tag' | 'digest';

const MAX_REFERENCE_LENGTH = 4096;
const HOST =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?$/;
// the grammar of distribution-spec 1.1.1 and Docker, written so that it cannot backtrack
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads `registry/repository`, `registry/repository:tag`, `registry/repository@digest` or
 * `registry/repository:tag@digest`; of the last the tag is dropped, unread.
 * @throws OciError `OCI_REFERENCE_INVALID`, data `part` and `value`
 * @see distribution-spec 1.1.1, pulling manifests
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_REFERENCE_LENGTH) {
    throw invalid('reference', text.slice(0, 64), `is longer than ${MAX_REFERENCE_LENGTH}`);
  }
  const slash = text.indexOf('/');
  if (slash < 0) throw invalid('reference', text, 'missing registry or repository');
  const registry = text.slice(0, slash);
  const path = text.slice(slash + 1);

  const at = path.indexOf('@');
  const named = at < 0 ? path : path.slice(0, at);
  const colon = named.indexOf(':');
  const repository = colon < 0 ? named : named.slice(0, colon);

  assertRegistry(registry);
  assertRepository(repository);
  if (at >= 0) return { registry, repository, digest: readDigest(path.slice(at + 1)) };
  if (colon < 0) return { registry, repository };
  const tag = named.slice(colon + 1);
  assertTag(tag);
  return { registry, repository, tag };
}

/** The reference as text; {@link parseReference} gives it back. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  const name = `${registry}/${repository}`;
  if (digest !== undefined) return `${name}@${digest}`;
  return tag === undefined ? name : `${name}:${tag}`;
}

/** The host that serves a registry: the same, except for Docker Hub's short name. */
export function registryHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/**
 * @throws OciError `OCI_REFERENCE_INVALID` unless the text is a host with an optional port, and
 *   means the same host to a URL parser
 */
export function assertRegistry(registry: string): void {
  const match = HOST.exec(registry);
  const port = match?.[1];
  if (match === null || (port !== undefined && Number(port) > 65_535)) {
    throw invalid('registry', registry, 'expected a host with an optional port');
  }
  // forms such as 0x7f.1 that a URL parser would take for another host are refused
  const host = port === undefined ? registry : registry.slice(0, -port.length - 1);
  const url = URL.parse(`https://${registry}/`);
  if (url === null || url.hostname !== host.toLowerCase()) {
    throw invalid('registry', registry, 'expected a host in its usual form');
  }
}

/** @throws OciError `OCI_REFERENCE_INVALID` */
export function assertRepository(repository: string): void {
  if (!REPOSITORY.test(repository)) {
    throw invalid('repository', repository, 'expected lower-case path components');
  }
}

/** Whether the text has the form of a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** @throws OciError `OCI_REFERENCE_INVALID` */
export function assertTag(tag: string): void {
  if (!isTag(tag)) throw invalid('tag', tag, 'expected at most 128 letters, digits, _ . -');
}

function readDigest(text: string): string {
  try {
    return formatDigest(parseDigest(text));
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid('digest', text, cause.message, cause);
  }
}

function invalid(part: ReferencePart, value: string, reason: string, cause?: unknown): OciError {
  const subject = part === 'reference' ? '' : `invalid ${part} `;
  return new OciError(
    'OCI_REFERENCE_INVALID',
    `invalid reference: ${subject}${JSON.stringify(value)}: ${reason}`,
    {
      hint: 'write <registry>/<repository>:<tag> or <registry>/<repository>@<digest>',
      data: { part, value, reason },
      cause,
    },
  );
}
