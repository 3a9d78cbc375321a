import { Nv2Error } from '@nv2/core';
import type { HttpResponse } from '@nv2/http';
import type { CallOptions } from '../artifact.ts';
import { type RepositoryAction, repositoryScope } from './scope.ts';
import type { RegistryRequest, RegistrySession } from './session.ts';

/** What a registry may be able to do. */
export type Capability =
  | 'referrers-api'
  | 'referrers-filter'
  | 'oci-subject'
  | 'tag-paging'
  | 'conditional-requests'
  | 'chunked-upload'
  | 'delete';

/** What was found out about one capability. */
export interface ProbeFinding {
  readonly capability: Capability;
  /** `unknown`: it was not or could not be asked. */
  readonly supported: 'yes' | 'no' | 'unknown';
  /** What the registry answered, in a few words. */
  readonly evidence: string;
}

/** Whom to ask, and about which repository. */
export interface ProbeContext {
  readonly session: RegistrySession;
  readonly repository: string | undefined;
  readonly call: CallOptions;
}

/** @internal */
export function finding(
  capability: Capability,
  supported: ProbeFinding['supported'] | boolean,
  evidence: string,
): ProbeFinding {
  const word = typeof supported === 'boolean' ? (supported ? 'yes' : 'no') : supported;
  return { capability, supported: word, evidence };
}

/** An answer whose body was passed over, or undefined where there was none. */
export async function ask(
  { session, repository = '', call }: ProbeContext,
  request: Omit<RegistryRequest, 'scopes'>,
  ...actions: readonly RepositoryAction[]
): Promise<HttpResponse> {
  const scopes = [repositoryScope(repository, actions)];
  const response = await session.send({ ...request, scopes }, call);
  await response.discard();
  return response;
}

/** A finding of `unknown` where asking failed; an interrupt ends the probe. */
export async function orUnknown(
  capability: Capability,
  probe: () => Promise<ProbeFinding>,
): Promise<ProbeFinding> {
  try {
    return await probe();
  } catch (error) {
    if (!(error instanceof Nv2Error) || error.code === 'HTTP_ABORTED') throw error;
    const isAbsent = error.code === 'OCI_NOT_FOUND';
    const evidence = isAbsent ? 'there is no such repository' : `${error.message} [${error.code}]`;
    return finding(capability, 'unknown', evidence);
  }
}
