import { lintPolicyFields, NotaryError } from '@nv2/notary';
import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import type { ProgramName } from '../table/types.ts';

/** Of an import about fields that are not read as they seem. */
const MAX_WARNINGS = 10;

/** What corrects a policy that was not read from a file. */
export const FLAGS_HINT = 'correct the flags that the policy is made of';

/** The file that a policy was read from, as its reader knows it. */
export interface ReadFrom {
  /** What messages call the file. */
  readonly name: string;
  /** Of the file that verifications go by: its path. */
  readonly configured?: string | undefined;
  /** Whether it was read to be imported. */
  readonly imports?: boolean;
}

/**
 * The same error as nv2 tells it of a file: with line and column where the mistake has a place, and
 * what to correct. Under the name notation, and where it is no mistake in a policy, the error as it is.
 */
export function inPolicyFile(error: unknown, file: ReadFrom, program: ProgramName): unknown {
  if (program === 'notation' || !isPolicyMistake(error)) return error;
  const { code, hint } = error;
  const data = firstInText(error);
  const { line, column, message } = data;
  const isPlaced = line !== undefined;
  const where = isPlaced ? `${file.name}:${line}:${column}` : (file.configured ?? file.name);
  return new NotaryError(code, `${where}: ${message}`, {
    cause: error,
    data: { ...data, file: file.name },
    hint: isPlaced ? correctionOf(file) + orOfBlobs(data) : hint,
  });
}

// Of several mistakes notation tells the one that it comes upon first.
function firstInText({ data }: NotaryError): NotaryError['data'] {
  return (data['earlier'] as NotaryError['data'] | undefined) ?? data;
}

/** {@link inPolicyFile} of an error that names its file: the one that verifications go by. */
export function inConfiguredPolicy(error: unknown, program: ProgramName): unknown {
  const file = error instanceof NotaryError ? error.data['file'] : undefined;
  if (typeof file !== 'string') return error;
  return inPolicyFile(error, { name: file, configured: file }, program);
}

/**
 * Does the parsing of the file that is to be imported, the first argument of the command. Under the name
 * nv2, fields that are not read as they seem are told.
 *
 * @throws CommandFailure that says which step of the import failed
 */
export function assertImportable(
  { args, program, printer }: Pick<CommandContext, 'args' | 'program' | 'printer'>,
  kind: 'OCI' | 'blob',
  parse: () => Parameters<typeof lintPolicyFields>[0],
): void {
  const [name = ''] = args;
  let findings: ReturnType<typeof lintPolicyFields>;
  try {
    const policy = parse();
    findings = program === 'nv2' ? lintPolicyFields(policy) : [];
  } catch (error) {
    const cause = inPolicyFile(error, { name, imports: true }, program);
    if (!(cause instanceof NotaryError)) throw cause;
    const verb = cause.code === 'NOTARY_POLICY_MALFORMED' ? 'parse' : 'validate';
    throw new CommandFailure(
      { prefix: `failed to ${verb} ${kind} trust policy configuration` },
      { cause },
    );
  }
  for (const { message } of findings.slice(0, MAX_WARNINGS)) printer.warn(`${name}: ${message}`);
  const more = findings.length - MAX_WARNINGS;
  if (more > 0) printer.warn(`${name}: ${more} more warnings are not shown`);
}

function isPolicyMistake(error: unknown): error is NotaryError {
  if (!(error instanceof NotaryError)) return false;
  return error.code === 'NOTARY_POLICY_MALFORMED' || error.code === 'NOTARY_POLICY_INVALID';
}

function orOfBlobs({ rule, meant }: NotaryError['data']): string {
  return rule === 'scopes-missing' && meant === undefined
    ? '; if it is about blobs, import it with "nv2 blob policy import"'
    : '';
}

/** What corrects a mistake in a file at the place that is told with it. */
export function correctionOf({ name, configured, imports = false }: ReadFrom): string {
  if (configured !== undefined) {
    return `correct ${configured} at that place, or import a corrected policy`;
  }
  return `correct ${name} at that place${imports ? ' and import it again' : ''}`;
}
