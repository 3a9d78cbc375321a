import type { TreeVerificationError, Verdict, Verification } from '@nv2/notary';
import { type ArtifactName, withDigest } from './artifact-reference.ts';
import { commandName } from './command-name.ts';
import type { CommandContext } from './context.ts';
import { CommandFailure } from './failure.ts';
import { formatVerdict, formatVerdicts, isReportFormat } from './report/formats.ts';
import { type VerdictRecord, verdictRecord } from './report/record.ts';
import { nextStep } from './text/next-step.ts';
import { printable } from './text/printable.ts';
import { explainSignatures, explainStatement, signerWords, validOf } from './text/verdict.ts';
import { warnOfReservations } from './verification-report.ts';
import { whereToLook } from './where-to-look.ts';

/** What verdicts on a tree are about, and the file that they come from. */
interface TreeFacts {
  readonly name: ArtifactName;
  readonly policyPath: string | undefined;
}

/** Says that the trust policy accepts an artifact with everything inside of it. */
export async function reportTree(
  context: CommandContext,
  proofs: readonly [Verification, ...Verification[]],
  { name, policyPath }: TreeFacts,
): Promise<void> {
  const { printer } = context;
  const verdicts = proofs.map(({ verdict }) => verdict);
  const valid = verdicts.flatMap(({ signatures }) => validOf(signatures));
  warnOfReservations(printer, valid);
  if (await reportForPrograms(context, verdicts, name)) return;
  const [{ verdict: root }] = proofs;
  const artifact = withDigest(name, root.subject.digest);
  if (root.outcome === 'skipped') {
    printer.line(`Trust policy is configured to skip signature verification for ${artifact}`);
    return;
  }
  const all = proofs.length === 1 ? 'the only manifest' : `all ${proofs.length} manifests`;
  printer.line(`Successfully verified signatures for ${all} of ${artifact}`);
  for (const verdict of verdicts) printer.line(verdictLine(verdict));
  const where = policyPath === undefined ? '' : ` of ${printable(policyPath)}`;
  printer.line(`Accepted by the trust policy statement "${root.statement?.name}"${where}`);
}

/** The failure of a command that verified a tree; to programs, every verdict too. */
export async function refusedTree(
  context: CommandContext,
  error: TreeVerificationError,
  { name, policyPath }: TreeFacts,
): Promise<CommandFailure> {
  const { verdict, verdicts } = error;
  const verified = namesOf(verdict, name);
  const { artifact: root } = namesOf(verdicts[0] ?? verdict, name);
  await reportForPrograms(context, verdicts, name);
  const details = [
    explainStatement(verdict, policyPath),
    ...verdicts.map(verdictLine),
    explainSignatures(verdict),
  ];
  return new CommandFailure(
    {
      details: details.filter((text) => text !== '').join('\n'),
      hint: nextStep(verdict, whereToLook(context, { verified, root, policyPath })),
    },
    { cause: error },
  );
}

function verdictLine(verdict: Verdict): string {
  const { reference, platform, outcome, cause, signatures, statement } = verdict;
  const [first] = validOf(signatures);
  const who = first && signerWords(first, statement);
  const by = who === undefined ? '' : `, signed ${who}`;
  const why = cause === undefined ? by : `: ${printable(cause.message)} [${cause.code}]`;
  const runsOn = platform === undefined ? '' : ` (${printable(platform)})`;
  return `  ${digestOf(verdict) ?? printable(reference)}${runsOn}: ${outcome}${why}`;
}

async function reportForPrograms(
  context: CommandContext,
  verdicts: readonly Verdict[],
  name: ArtifactName,
): Promise<boolean> {
  const { flags, printer } = context;
  const format = flags.string('output');
  if (!isReportFormat(format)) return false;
  const command = commandName(context);
  const records = verdicts.map((verdict) => recordOf(verdict, name));
  if (format === 'ndjson') {
    for (const record of records) printer.raw(await formatVerdict(format, record, command));
  } else {
    printer.raw(await formatVerdicts(format, records, command));
  }
  return true;
}

function recordOf(verdict: Verdict, name: ArtifactName): VerdictRecord {
  return verdictRecord(namesOf(verdict, name), verdict);
}

function namesOf(verdict: Verdict, name: ArtifactName): { readonly artifact: string } {
  const digest = digestOf(verdict);
  return { artifact: digest === undefined ? verdict.reference : withDigest(name, digest) };
}

/** The digest also of what could not be resolved, if it was named by that: all in an index is. */
function digestOf({ subject, reference }: Verdict): string | undefined {
  return subject?.digest ?? /@([^@]+)$/.exec(reference)?.[1];
}
