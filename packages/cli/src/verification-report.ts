import type { Verdict, Verification, VerificationError } from '@nv2/notary';
import type { CommandContext } from './context.ts';
import { CommandFailure, type FailureFacts } from './failure.ts';
import { formatColumns } from './text/columns.ts';
import { checkWords } from './text/notation-verification.ts';
import { printable } from './text/printable.ts';
import { explainSignatures, firstHint } from './text/verdict.ts';

/** What was verified, as the result names it. */
export type Verified = { readonly artifact: string } | { readonly blob: string };

/**
 * Says that the trust policy accepts something, and what it only logs.
 * @param afterWarning whether the command printed a warning already
 */
export function reportVerification(
  { flags, printer, program }: CommandContext,
  { verdict }: Verification,
  { verified, afterWarning }: { readonly verified: Verified; readonly afterWarning: boolean },
): void {
  const logged = verdict.signatures
    .filter(({ outcome }) => outcome === 'valid')
    .flatMap(({ checks }) => checks.filter(({ cause }) => cause !== undefined));
  for (const { check, action, cause } of logged) {
    if (cause === undefined) continue;
    printer.warn(`${check} was set to "${action}" and failed with error: ${checkWords(cause)}`);
  }
  if (flags.string('output') === 'json') {
    printer.json(verdictJson(verified, verdict));
    return;
  }
  const name = 'blob' in verified ? verified.blob : verified.artifact;
  if (logged.length > 0 || afterWarning) printer.line();
  if (verdict.outcome === 'skipped') {
    printer.line(`Trust policy is configured to skip signature verification for ${name}`);
    return;
  }
  printer.line(`Successfully verified signature for ${name}`);
  const valid = verdict.signatures.find(({ outcome }) => outcome === 'valid');
  if (program === 'nv2' && valid?.signer !== undefined) {
    printer.line(`Signed by ${printable(valid.signer.subject)} at ${valid.signingTime}`);
    printer.line(`Accepted by the trust policy statement "${verdict.statement?.name}"`);
  }
  reportMetadata(printer, Object.entries(valid?.userMetadata ?? {}));
}

/** The failure of a command whose verification did not end in a yes; with JSON the verdict too. */
export function refusedVerification(
  { flags, printer }: CommandContext,
  error: VerificationError,
  { verified, facts }: { readonly verified: Verified; readonly facts: FailureFacts },
): CommandFailure {
  const { verdict } = error;
  if (flags.string('output') === 'json') printer.json(verdictJson(verified, verdict));
  return new CommandFailure(
    {
      details: explainSignatures(verdict.signatures),
      hint: firstHint(verdict.signatures),
      ...facts,
    },
    { cause: error },
  );
}

function verdictJson(
  verified: Verified,
  { outcome, ...rest }: Verdict,
): Readonly<Record<string, unknown>> {
  return { ...verified, outcome, ...rest };
}

function reportMetadata(
  printer: CommandContext['printer'],
  entries: readonly (readonly [string, string])[],
): void {
  if (entries.length === 0) return;
  const rows = entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [printable(key), printable(value)]);
  printer.line('\nThe artifact was signed with the following user metadata.\n');
  printer.text(formatColumns([['KEY', 'VALUE'], ...rows]));
}
