import type { SignatureVerdict, Verdict, Verification, VerificationError } from '@nv2/notary';
import { commandName } from './command-name.ts';
import type { CommandContext } from './context.ts';
import { CommandFailure, type FailureFacts } from './failure.ts';
import { formatVerdict, isReportFormat } from './report/formats.ts';
import { type Verified, verdictRecord } from './report/record.ts';
import { formatColumns } from './text/columns.ts';
import { nextStep } from './text/next-step.ts';
import { checkWords } from './text/notation-verification.ts';
import { printable } from './text/printable.ts';
import {
  explainSignatures,
  explainStatement,
  failedChecks,
  passedOverWords,
  signerWords,
  validOf,
} from './text/verdict.ts';
import { whereToLook } from './where-to-look.ts';

/**
 * Says that the trust policy accepts something, and what it only logs.
 * @param afterWarning whether the command printed a warning already
 */
export async function reportVerification(
  context: CommandContext,
  { verdict }: Verification,
  {
    verified,
    afterWarning,
    policyPath,
  }: {
    readonly verified: Verified;
    readonly afterWarning: boolean;
    readonly policyPath?: string | undefined;
  },
): Promise<void> {
  const { flags, printer, program } = context;
  const valid = validOf(verdict.signatures);
  const isWarned = warnOfReservations(printer, valid);
  const format = flags.string('output');
  if (isReportFormat(format)) {
    const record = verdictRecord(verified, verdict);
    printer.raw(await formatVerdict(format, record, commandName(context)));
    return;
  }
  const name = 'blob' in verified ? verified.blob : verified.artifact;
  if (isWarned || afterWarning) printer.line();
  if (verdict.outcome === 'skipped') {
    printer.line(`Trust policy is configured to skip signature verification for ${name}`);
    return;
  }
  printer.line(`Successfully verified signature for ${name}`);
  if (program === 'nv2') reportWhy(printer, verdict, { valid, policyPath });
  reportMetadata(printer, Object.entries(valid[0]?.userMetadata ?? {}));
}

/** Warns, of each once, of what the signatures that count are qualified by; whether of anything. */
export function warnOfReservations(
  printer: CommandContext['printer'],
  valid: readonly SignatureVerdict[],
): boolean {
  const logged = failedChecks(valid).map(
    ({ check, action, cause }) =>
      `${check} was set to "${action}" and failed with error: ${checkWords(cause)}`,
  );
  const words = new Set([...logged, ...passedOverWords(valid)]);
  for (const warning of words) printer.warn(warning);
  return words.size > 0;
}

function reportWhy(
  printer: CommandContext['printer'],
  { statement }: Verdict,
  by: { readonly valid: readonly SignatureVerdict[]; readonly policyPath: string | undefined },
): void {
  for (const signature of by.valid) {
    const who = signerWords(signature, statement);
    if (who !== undefined) printer.line(`Signed ${who} at ${signature.signingTime}`);
  }
  const where = by.policyPath === undefined ? '' : ` of ${printable(by.policyPath)}`;
  printer.line(`Accepted by the trust policy statement "${statement?.name}"${where}`);
}

/** The failure of a command whose verification did not end in a yes; to programs, the verdict too. */
export async function refusedVerification(
  context: CommandContext,
  error: VerificationError,
  {
    verified,
    facts,
    policyPath,
  }: {
    readonly verified: Verified;
    readonly facts: FailureFacts;
    readonly policyPath?: string | undefined;
  },
): Promise<CommandFailure> {
  const { flags, printer } = context;
  const { verdict } = error;
  const format = flags.string('output');
  if (isReportFormat(format)) {
    const record = verdictRecord(verified, verdict);
    printer.raw(await formatVerdict(format, record, commandName(context)));
  }
  const statement = explainStatement(verdict, policyPath);
  const signatures = explainSignatures(verdict);
  return new CommandFailure(
    {
      details: [statement, signatures].filter((text) => text !== '').join('\n'),
      hint: nextStep(verdict, whereToLook(context, { verified, policyPath })),
      ...facts,
    },
    { cause: error },
  );
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
