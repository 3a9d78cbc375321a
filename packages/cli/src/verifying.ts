import type { VerifyOptions } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { keyValues, maxSignatures } from './key-values.ts';
import { verificationPlugins } from './plugin-access.ts';
import { serviceAccess } from './service-access.ts';
import { loadTrust, type Trust } from './trust/trust.ts';

/** By what a command line verifies, and what to call when it is not needed any more. */
export interface Verifying {
  readonly options: VerifyOptions;
  /** Path of the policy file; absent where the command line alone says whom to trust. */
  readonly policyPath: string | undefined;
  readonly trustStorePath: string | undefined;
  readonly close: () => void;
}

/** Reads whom to trust, what to ask of signatures and which services to use from the flags. */
export async function openVerifying(context: CommandContext): Promise<Verifying> {
  // a wrong number is told before any file is read
  maxSignatures(context.flags);
  return openVerifyingBy(context, await loadTrust(context));
}

/** The same where it is known whom to trust. */
export function openVerifyingBy(
  context: CommandContext,
  { policy, trustStore, denials, policyPath, trustStorePath }: Trust,
): Verifying {
  const { io, flags } = context;
  const max = maxSignatures(flags);
  const userMetadata = keyValues(context, 'user-metadata');
  const plugins = verificationPlugins(context);
  const services = serviceAccess(context);
  return {
    policyPath,
    trustStorePath,
    close: services.close,
    options: {
      policy,
      trustStore,
      denials,
      userMetadata,
      maxSignatures: max,
      now: io.now,
      signal: io.signal,
      revocation: services.revocation,
      offlineRevocation: services.offlineRevocation,
      ...plugins,
    },
  };
}
