import type { CallOptions } from '../artifact.ts';
import { assertRepository } from '../reference.ts';
import type { ProbeContext, ProbeFinding } from './probe-finding.ts';
import { probeReading } from './probe-reading.ts';
import { probeWriting } from './probe-writing.ts';
import { type RegistryOptions, RegistrySession } from './session.ts';

/** Options of {@link probeRegistry}. */
export interface ProbeOptions extends RegistryOptions, CallOptions {
  /** Without it, only what can be asked of a registry as a whole is known. */
  readonly repository?: string;
  /** Push a small test artifact to the repository, and remove it again. Default false. */
  readonly write?: boolean;
}

/**
 * Finds out what a registry can do, by asking it: what its name or version promises is not looked
 * at. Nothing is written unless `write` is set; then a test artifact of a few bytes is pushed without
 * a tag of its own that stays, and removed as far as the registry lets it be.
 * @throws OciError `OCI_UNAUTHORIZED`, `OCI_CREDENTIAL_MISSING` and what else keeps the registry from
 *   being asked at all
 */
export async function probeRegistry(
  registry: string,
  options: ProbeOptions,
): Promise<readonly ProbeFinding[]> {
  const { repository, write = false, signal, ...registryOptions } = options;
  if (repository !== undefined) assertRepository(repository);
  const session = new RegistrySession(registry, registryOptions);
  const ping = { method: 'GET', url: '/v2/', scopes: [] };
  const call = signal ? { signal } : {};
  await (await session.expect(ping, [200], call)).discard();
  const context: ProbeContext = { session, repository, call };
  const read = await probeReading(context);
  if (!write || repository === undefined) return read;
  const written = await probeWriting({ ...context, repository });
  const known = new Set(written.map(({ capability }) => capability));
  return [...read.filter(({ capability }) => !known.has(capability)), ...written];
}
