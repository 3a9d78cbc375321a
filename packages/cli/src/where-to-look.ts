import type { CommandContext } from './context.ts';
import type { Verified } from './report/record.ts';
import type { WhereToLook } from './text/next-step.ts';

const LAYOUTS = ['oci-layout', 'from-oci-layout'];

/** Where that can be looked at which a verdict of this command is about. */
export function whereToLook(
  { command, flags }: Pick<CommandContext, 'command' | 'flags'>,
  {
    verified,
    policyPath,
  }: { readonly verified: Verified; readonly policyPath: string | undefined },
): WhereToLook {
  const names = command.flags?.map(({ name }) => name) ?? [];
  const trustDir = names.includes('trust-dir') ? flags.optional('trust-dir') : undefined;
  if ('blob' in verified) {
    return { target: flags.string('signature'), isBlob: true, policyPath, trustDir };
  }
  const isLayout = LAYOUTS.some((name) => names.includes(name) && flags.isOn(name));
  const target = isLayout ? `--oci-layout ${verified.artifact}` : verified.artifact;
  return { target, isBlob: false, policyPath, trustDir };
}
